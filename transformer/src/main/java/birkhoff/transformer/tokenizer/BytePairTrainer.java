package birkhoff.transformer.tokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;

/**
 * Learns byte pair encodings (arXiv 1508.07909, algorithm 1, over bytes): the most frequent pair of
 * neighbours within words becomes a token, until there are as many as wanted. Of equally frequent
 * pairs the one with the lower ids is taken, so that the result depends on the text alone.
 */
final class BytePairTrainer {
  /** Characters of the text that are looked at; beyond, frequencies hardly change. */
  static final long MOST_CHARACTERS = 1L << 27;

  private static final int BYTES = 256;

  private record Pair(int left, int right) {}

  private record Candidate(Pair pair, long count) {}

  private final List<byte[]> tokens = new ArrayList<>(Arrays.asList(ByteAlphabet.ordered()));
  private final List<int[]> merges = new ArrayList<>();
  private final List<int[]> words = new ArrayList<>();
  private final List<Long> frequencies = new ArrayList<>();
  private final Map<Pair, Long> counts = new HashMap<>();
  private final Map<Pair, Set<Integer>> places = new HashMap<>();
  private final PriorityQueue<Candidate> queue =
      new PriorityQueue<>(
          Comparator.comparingLong((Candidate c) -> -c.count)
              .thenComparingInt(c -> c.pair.left)
              .thenComparingInt(c -> c.pair.right));

  private BytePairTrainer() {}

  /** A tokenizer of {@code size} tokens, or of fewer when the text has no more pairs. */
  static TokenizerJson train(TrainingText text, int size) throws IOException {
    var trainer = new BytePairTrainer();
    trainer.read(text);
    while (trainer.tokens.size() < size && trainer.mergeMostFrequent()) {
      // Until there are enough.
    }
    return TokenizerJson.of(trainer.tokens, trainer.merges);
  }

  private void read(TrainingText text) throws IOException {
    // Sorted, so that nothing depends on the order in which words are met.
    Map<String, Long> frequent = new TreeMap<>();
    var pieces = new PieceCutter(BytePairTokenizer::lastBreak);
    long[] seen = new long[1];
    TrainingText.Receiver count =
        piece -> {
          Matcher words = BytePairTokenizer.WORDS.matcher(piece);
          while (words.find()) {
            frequent.merge(words.group(), 1L, Long::sum);
          }
        };
    text.read(piece -> {
      if (seen[0] < MOST_CHARACTERS) {
        seen[0] += piece.length();
        pieces.accept(piece, count);
      }
    });
    pieces.finish(count);
    int[] idOfByte = new int[BYTES];
    for (int id = 0; id < BYTES; id++) {
      idOfByte[Byte.toUnsignedInt(tokens.get(id)[0])] = id;
    }
    frequent.forEach((word, times) -> add(word.getBytes(StandardCharsets.UTF_8), times, idOfByte));
    counts.forEach((pair, n) -> queue.add(new Candidate(pair, n)));
  }

  private void add(byte[] word, long times, int[] idOfByte) {
    int[] ids = new int[word.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = idOfByte[Byte.toUnsignedInt(word[i])];
    }
    int index = words.size();
    words.add(ids);
    frequencies.add(times);
    change(index, times);
  }

  /** Counts the pairs of a word {@code times} times more, or less. */
  private void change(int word, long times) {
    int[] ids = words.get(word);
    for (int i = 0; i + 1 < ids.length; i++) {
      var pair = new Pair(ids[i], ids[i + 1]);
      counts.merge(pair, times, Long::sum);
      if (times > 0) {
        places.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
      }
    }
  }

  private boolean mergeMostFrequent() {
    for (Candidate best = queue.poll(); best != null; best = queue.poll()) {
      long now = counts.getOrDefault(best.pair, 0L);
      if (now == best.count && now > 0) {
        merge(best.pair);
        return true;
      }
      if (now > 0 && now < best.count) {
        queue.add(new Candidate(best.pair, now));
      }
    }
    return false;
  }

  private void merge(Pair pair) {
    byte[] left = tokens.get(pair.left);
    byte[] right = tokens.get(pair.right);
    byte[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    int id = tokens.size();
    tokens.add(both);
    merges.add(new int[] {pair.left, pair.right});
    Set<Pair> grown = new HashSet<>();
    for (int word : places.remove(pair)) {
      change(word, -frequencies.get(word));
      int[] merged = merged(words.get(word), pair, id);
      words.set(word, merged);
      change(word, frequencies.get(word));
      for (int i = 0; i + 1 < merged.length; i++) {
        if (merged[i] == id || merged[i + 1] == id) {
          grown.add(new Pair(merged[i], merged[i + 1]));
        }
      }
    }
    counts.remove(pair);
    grown.forEach(p -> queue.add(new Candidate(p, counts.get(p))));
  }

  private static int[] merged(int[] ids, Pair pair, int id) {
    int[] out = new int[ids.length];
    int n = 0;
    for (int i = 0; i < ids.length; n++) {
      boolean here = i + 1 < ids.length && ids[i] == pair.left && ids[i + 1] == pair.right;
      out[n] = here ? id : ids[i];
      i += here ? 2 : 1;
    }
    return Arrays.copyOf(out, n);
  }
}
