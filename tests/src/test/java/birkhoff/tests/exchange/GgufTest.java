package birkhoff.tests.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.SafeTensorsType;
import birkhoff.tests.e2e.SmallRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported GGUF files, read by a reader that shares no code with the writer. */
class GgufTest {
  @TempDir private Path folder;

  private GgufFile exported(Path checkpoint) throws IOException {
    Path out = folder.resolve("model.gguf");
    SmallRun run =
        SmallRun.of("export", "--checkpoint=" + checkpoint, "--format=gguf", "--out=" + out);
    assertThat(run.code()).as(run.err()).isZero();
    return GgufFile.read(out);
  }

  private Path imported(HfFixture model) {
    Path checkpoint = folder.resolve("checkpoint");
    SmallRun run = SmallRun.of("import", "--input=" + model.folder(), "--out=" + checkpoint);
    assertThat(run.code()).as(run.err()).isZero();
    return checkpoint;
  }

  @Test
  void tensorsKeepTheirBits() throws IOException {
    HfFixture model = new HfFixture(folder.resolve("hf"), 3).tokenizerFiles().untied();
    model.whole("transformer.", SafeTensorsType.F32);
    GgufFile file = exported(imported(model));
    Map<String, String> names =
        Map.of(
            "token_embd.weight", "wte.weight",
            "position_embd.weight", "wpe.weight",
            "blk.1.attn_norm.bias", "h.1.ln_1.bias",
            "blk.0.attn_qkv.bias", "h.0.attn.c_attn.bias",
            "blk.0.ffn_norm.weight", "h.0.ln_2.weight",
            "blk.1.ffn_down.bias", "h.1.mlp.c_proj.bias",
            "output_norm.weight", "ln_f.weight",
            "output.weight", "lm_head.weight");
    names.forEach((theirs, ours) ->
        assertThat(file.tensors().get(theirs)).as(theirs).isEqualTo(model.values().get(ours)));
    assertThat(file.tensors()).hasSize(3 + 2 + HfFixture.LAYERS * 12);
    assertThat(file.shapes().get("blk.0.ffn_up.weight"))
        .isEqualTo(List.of((long) HfFixture.WIDTH, 4L * HfFixture.WIDTH));
    float[] up = file.tensors().get("blk.0.ffn_up.weight");
    float[] conv = model.values().get("h.0.mlp.c_fc.weight");
    int c = HfFixture.WIDTH;
    for (int in = 0; in < c; in++) {
      for (int out = 0; out < 4 * c; out++) {
        assertThat(up[out * c + in]).isEqualTo(conv[in * 4 * c + out]);
      }
    }
  }

  @Test
  void sizesAndVocabularyAreTold() throws IOException {
    HfFixture model = new HfFixture(folder.resolve("hf"), 3).tokenizerFiles();
    model.whole("transformer.", SafeTensorsType.F32);
    Map<String, Object> keys = exported(imported(model)).keys();
    assertThat(keys)
        .containsEntry("general.architecture", "gpt2")
        .containsEntry("gpt2.block_count", HfFixture.LAYERS)
        .containsEntry("gpt2.context_length", HfFixture.POSITIONS)
        .containsEntry("gpt2.embedding_length", HfFixture.WIDTH)
        .containsEntry("gpt2.feed_forward_length", 4 * HfFixture.WIDTH)
        .containsEntry("gpt2.attention.head_count", 2)
        .containsEntry("gpt2.attention.layer_norm_epsilon", 1e-5f)
        .containsEntry("tokenizer.ggml.merges", List.of("t h", "th e", "i n", "in g"))
        .containsEntry("tokenizer.ggml.eos_token_id", 260)
        .containsEntry("tokenizer.ggml.add_bos_token", false);
    assertThat(keys.get("tokenizer.ggml.tokens"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(HfFixture.ROWS)
        .endsWith("ing", "<|endoftext|>");
    assertThat(keys.get("tokenizer.ggml.token_type"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .endsWith(1, 3);
  }

  @Test
  void charactersAreMergedFromTheirBytesAndRowsPadded() throws IOException {
    Path run = folder.resolve("run");
    Path text = java.nio.file.Files.writeString(folder.resolve("t.txt"), "ab é 語 ".repeat(200));
    SmallRun trained =
        SmallRun.train(
            run,
            "--dataset=" + text,
            "--max_iters=1",
            "--hyper_conn_type=none",
            "--vocab_size=7",
            "--gelu=tanh");
    assertThat(trained.code()).as(trained.err()).isZero();
    Map<String, Object> keys = exported(run).keys();
    assertThat(keys)
        .containsEntry(
            "tokenizer.ggml.tokens", List.of("Ġ", "a", "b", "Ã©", "èªŀ", "[PAD5]", "[PAD6]"))
        .containsEntry("tokenizer.ggml.merges", List.of("Ã ©", "è ª", "èª ŀ"))
        .containsEntry("tokenizer.ggml.token_type", List.of(1, 1, 1, 1, 1, 5, 5));
  }
}
