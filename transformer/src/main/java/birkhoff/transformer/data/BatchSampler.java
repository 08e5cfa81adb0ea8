package birkhoff.transformer.data;

import birkhoff.engine.rng.Distributions;
import birkhoff.engine.rng.Philox;
import birkhoff.transformer.error.DataException;

/**
 * Chooses windows as a pure function of an index: nothing is remembered between calls, so a resumed
 * run sees what an uninterrupted one would have seen. Safe for concurrent use.
 */
public sealed interface BatchSampler {
  /** Fills a batch with the windows of micro-batch {@code index}, counted from 0. */
  void fill(long index, Batch batch);

  /** The sampler that {@code --sampling} names, over a sequence of tokens. */
  static BatchSampler of(String sampling, Tokens tokens, int blockSize, long seed, Stream stream) {
    return sampling.equals("sequential")
        ? new Sequential(tokens, blockSize)
        : new RandomWindows(tokens, blockSize, seed, stream);
  }

  /** What windows are drawn for: equal seeds give unrelated windows. */
  enum Stream {
    TRAINING,
    TRAIN_EVALUATION,
    VAL_EVALUATION
  }

  /**
   * Checks that at least one window with its targets fits.
   *
   * @throws DataException when none does
   */
  static void requireWindow(Tokens tokens, int blockSize) {
    if (tokens.size() <= blockSize) {
      throw new DataException(
          tokens.name()
              + " has "
              + tokens.size()
              + " tokens in a split, block_size="
              + blockSize
              + " needs at least "
              + (blockSize + 1)
              + "; use a longer text or a smaller block_size");
    }
  }

  /**
   * Consecutive windows without overlap: micro-batch {@code k} takes windows {@code k·B … k·B + B -
   * 1}, wrapping at the end; window {@code w} is tokens {@code [w·T, (w + 1)·T]}.
   */
  record Sequential(Tokens tokens, int blockSize) implements BatchSampler {
    /** Checks that one window fits. */
    public Sequential {
      requireWindow(tokens, blockSize);
    }

    /** Number of different windows. */
    public long windows() {
      return (tokens.size() - 1) / blockSize;
    }

    @Override
    public void fill(long index, Batch batch) {
      long windows = windows();
      long first = Math.floorMod(Math.multiplyExact(index, batch.rows()), windows);
      for (int row = 0; row < batch.rows(); row++) {
        batch.fill(row, tokens, (first + row) % windows * blockSize);
      }
    }
  }

  /**
   * Windows at offsets drawn uniformly from {@code 0 … size - T - 1}, as nanoGPT draws them. Window
   * {@code index·B + row} depends on nothing else, so two micro-batches of B see what one of 2·B
   * does.
   */
  record RandomWindows(Tokens tokens, int blockSize, long seed, Stream stream)
      implements BatchSampler {
    /** Keeps these draws apart from those of initialisation and dropout. */
    private static final long PURPOSE = 0x77696e646f7773L;

    /** Checks that one window fits. */
    public RandomWindows {
      requireWindow(tokens, blockSize);
    }

    @Override
    public void fill(long index, Batch batch) {
      long offsets = tokens.size() - blockSize;
      long key = Philox.derive(seed, PURPOSE, stream.ordinal());
      long first = Math.multiplyExact(index, batch.rows());
      for (int row = 0; row < batch.rows(); row++) {
        batch.fill(row, tokens, Distributions.below(offsets, key, 0, first + row));
      }
    }
  }
}
