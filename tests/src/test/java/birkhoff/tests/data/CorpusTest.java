package birkhoff.tests.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.engine.io.FormatException;
import birkhoff.transformer.data.BuiltInCorpus;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.data.Preparation;
import birkhoff.transformer.data.TextFiles;
import birkhoff.transformer.data.TextScan;
import birkhoff.transformer.data.Tokens;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.CharTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorpusTest {
  @TempDir Path folder;

  @Test
  void prepareWritesNanoGptsFiles() throws Exception {
    String text = "héllo wörld\n".repeat(17) + "😀";
    Path input = write("text", text);
    Path out = folder.resolve("data");
    Preparation.run(TextFiles.of(input), "char", out, Preparation.Progress.NONE);

    int[] codePoints = text.codePoints().toArray();
    int[] vocabulary = text.codePoints().sorted().distinct().toArray();
    int cut = (int) (codePoints.length * 0.9);
    short[] train = shorts(out.resolve("train.bin"));
    short[] val = shorts(out.resolve("val.bin"));
    assertThat(train).hasSize(cut);
    assertThat(val).hasSize(codePoints.length - cut);
    for (int i = 0; i < codePoints.length; i++) {
      int id = i < cut ? train[i] : val[i - cut];
      assertThat(vocabulary[id]).isEqualTo(codePoints[i]);
    }
    var meta = Json.read(out.resolve("meta.json"));
    assertThat(meta.get("vocab_size").asInt()).isEqualTo(vocabulary.length);
    assertThat(meta.get("dtype").asText()).isEqualTo("uint16");
    assertThat(meta.get("split").get("train_tokens").asInt()).isEqualTo(cut);
    assertThat(meta.get("source_sha256").asText())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(input))));
    assertThat(meta.get("tokenizer").get("type").asText()).isEqualTo("char");
    assertThat(out).isDirectoryNotContaining("glob:**.tmp-*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"char", "byte"})
  void aTextAndItsPreparedFolderAreTheSameCorpus(String tokenizer) throws IOException {
    Path input = write("text", "äöü 語\n".repeat(40_000));
    Path out = folder.resolve("data");
    Preparation.run(TextFiles.of(input), tokenizer, out, Preparation.Progress.NONE);
    try (Corpus text = Corpus.open(input.toString(), tokenizer);
        Corpus prepared = Corpus.open(out.toString(), "char")) {
      assertThat(prepared.tokenizer().hash()).isEqualTo(text.tokenizer().hash());
      assertThat(prepared.sha256()).isEqualTo(text.sha256());
      assertThat(all(prepared.train())).isEqualTo(all(text.train()));
      assertThat(all(prepared.val())).isEqualTo(all(text.val()));
      assertThat(text.tokenizer().decode(all(text.train()))).startsWith("äöü 語\näöü");
    }
  }

  @Test
  void aFolderIsReadInOrderAndHiddenFilesAreNot() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("texts/sub"));
    Files.writeString(folder.resolve("texts/b.txt"), "bbb");
    Files.writeString(folder.resolve("texts/a.txt"), "aaa");
    Files.writeString(texts.resolve("c.txt"), "ccc");
    Files.writeString(folder.resolve("texts/.secret"), "zzz");
    try (Corpus corpus = Corpus.open(folder.resolve("texts").toString(), "char")) {
      assertThat(
              corpus.tokenizer().decode(all(corpus.train()))
                  + corpus.tokenizer().decode(all(corpus.val())))
          .isEqualTo("aaa\nbbb\nccc");
    }
  }

  @Test
  void malformedUtf8IsNamedWithItsByte() throws IOException {
    byte[] bytes = "x".repeat(200_001).getBytes(StandardCharsets.US_ASCII);
    bytes[150_000] = (byte) 0xc3;
    Path bad = Files.write(folder.resolve("latin1.txt"), bytes);
    assertThatThrownBy(() -> Corpus.open(bad.toString(), "char"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("latin1.txt: byte 150000 ")
        .hasMessageContaining("iconv");
    byte[] cut = "語語".getBytes(StandardCharsets.UTF_8);
    Path truncated = Files.write(folder.resolve("cut.txt"), Arrays.copyOf(cut, 5));
    assertThatThrownBy(() -> Corpus.open(truncated.toString(), "byte"))
        .hasMessageContaining("cut.txt: byte 3 ");
  }

  @Test
  void missingAndEmptyTextsAreNamed() throws IOException {
    assertThatThrownBy(() -> Corpus.open(folder.resolve("none").toString(), "char"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none");
    Path empty = write("empty", "");
    assertThatThrownBy(() -> Corpus.open(empty.toString(), "char"))
        .hasMessageContaining("is empty");
    Path nothing = Files.createDirectory(folder.resolve("nothing"));
    assertThatThrownBy(() -> Corpus.open(nothing.toString(), "char"))
        .hasMessageContaining("no text file");
  }

  @Test
  void damagedPreparedFoldersAreRefused() throws IOException {
    Path out = folder.resolve("data");
    Preparation.run(
        TextFiles.of(write("text", "abcdefghij".repeat(10))),
        "char",
        out,
        Preparation.Progress.NONE);
    Path train = out.resolve("train.bin");
    byte[] good = Files.readAllBytes(train);

    Files.write(train, Arrays.copyOf(good, good.length - 1));
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("ends within a token");
    Files.write(train, Arrays.copyOf(good, good.length - 2));
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("meta.json says 90");
    Files.write(train, new byte[0]);
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .hasMessageContaining("must not be empty");
    byte[] foreign = good.clone();
    foreign[21] = 7;
    Files.write(train, foreign);
    try (Corpus corpus = Corpus.open(out.toString(), "char")) {
      assertThatThrownBy(() -> all(corpus.train()))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("token 10 is 1792, outside the vocabulary of 10");
    }
    Files.delete(train);
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.bin does not exist");
    Files.write(train, good);
    Files.writeString(out.resolve("meta.json"), "{\"format\": \"birkhoff-tokens\", ");
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("meta.json: line 1");
    Files.delete(out.resolve("meta.json"));
    assertThatThrownBy(() -> Corpus.open(out.toString(), "char"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("meta.json does not exist");
  }

  @Test
  void anotherTokenizersFolderIsRefused() throws IOException {
    Path out = folder.resolve("data");
    Preparation.run(
        TextFiles.of(write("text", "abcdefghij".repeat(10))),
        "char",
        out,
        Preparation.Progress.NONE);
    assertThatThrownBy(() -> Corpus.open(out.toString(), CharTokenizer.of("abc")))
        .hasMessageContaining("another tokenizer");
    Path text = write("more", "abcx");
    assertThatThrownBy(() -> Corpus.open(text.toString(), CharTokenizer.of("abc")))
        .hasMessageContaining("'x'");
  }

  @Test
  void theBuiltInCorpusIsTheRunningJdksSources() throws IOException {
    Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    assumeTrue(Files.exists(sources), "a JDK with sources");
    TextScan scan = TextScan.of(BuiltInCorpus.ofRunningJdk());
    assertThat(scan.length()).isBetween(2_000_000L, 8_000_000L).isEqualTo(scan.utf8Bytes());
    assertThat(scan.characters().cardinality()).isBetween(60, 100);
    assertThat(TextScan.of(BuiltInCorpus.ofRunningJdk()).sha256()).isEqualTo(scan.sha256());
  }

  @Test
  void theBuiltInCorpusLeavesOutLicencesSubPackagesAndForeignCharacters() throws IOException {
    Path lib = Files.createDirectories(folder.resolve("jdk/lib"));
    try (var zip = new ZipOutputStream(Files.newOutputStream(lib.resolve("src.zip")))) {
      entry(zip, "java.base/java/util/B.java", "/*\n * Licence\n */\n\npackage b;\n");
      entry(zip, "java.base/java/util/A.java", "/** Documented. */ package a;\n");
      entry(zip, "java.base/java/util/sub/C.java", "package c;\n");
      entry(zip, "java.base/java/util/D.java", "// ü\npackage d;\n");
      entry(zip, "java.base/java/utility/E.java", "package e;\n");
    }
    try (InputStream in = BuiltInCorpus.of(folder.resolve("jdk")).documents().get(0).open();
        InputStream next = BuiltInCorpus.of(folder.resolve("jdk")).documents().get(1).open()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("/** Documented. */ package a;\n");
      assertThat(new String(next.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("package b;\n");
    }
    assertThat(BuiltInCorpus.of(folder.resolve("jdk")).documents()).hasSize(2);
  }

  @Test
  void aJdkWithoutSourcesLeadsToAnotherWay() {
    assertThatThrownBy(() -> BuiltInCorpus.of(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("src.zip")
        .hasMessageContaining("--dataset=FILE");
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static int[] all(Tokens tokens) {
    int[] ids = new int[Math.toIntExact(tokens.size())];
    tokens.copy(0, ids, 0, ids.length);
    return ids;
  }

  private static short[] shorts(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    short[] values = new short[bytes.remaining() / 2];
    bytes.asShortBuffer().get(values);
    return values;
  }
}
