package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
  private final MemoryLedger ledger = new MemoryLedger();

  private static float first(MemorySegment memory) {
    return memory.get(ValueLayout.JAVA_FLOAT, 0);
  }

  @Test
  void equalStepsTakeNoNewMemory() {
    try (var ws = new Workspace("w", ledger, false)) {
      long reserved = 0;
      for (int step = 0; step < 5; step++) {
        for (int i = 1; i < 200; i++) {
          var block = ws.allocate(997L * i);
          if (i % 3 == 0) {
            block.release();
          }
        }
        ws.reset();
        assertThat(step == 0 ? ws.reserved() : reserved).isEqualTo(ws.reserved());
        reserved = ws.reserved();
      }
      assertThat(ledger.total()).isEqualTo(reserved);
      assertThat(ledger.report()).isEqualTo("w: " + reserved + "\n");
    }
    assertThat(ledger.total()).isZero();
  }

  @Test
  void equalStepsPlaceEveryBlockAtTheSameAddress() {
    try (var ws = new Workspace("w", ledger, false)) {
      // Another kind of step leaves chunks behind first.
      ws.allocate(3 << 20);
      ws.reset();
      List<Long> first = places(ws);
      for (int step = 0; step < 3; step++) {
        ws.reset();
        assertThat(places(ws)).isEqualTo(first);
      }
    }
  }

  /** Allocates and releases at random; checks that blocks in use never overlap. */
  private static List<Long> places(Workspace ws) {
    var random = new SplittableRandom(1);
    var places = new ArrayList<Long>();
    var used = new TreeMap<Long, Workspace.Block>();
    for (int i = 0; i < 3000; i++) {
      if (random.nextInt(5) < 3 || used.isEmpty()) {
        var block = ws.allocate(1 + random.nextLong(1L << random.nextInt(6, 20)));
        long from = block.memory().address();
        var below = used.floorEntry(from);
        var above = used.ceilingKey(from);
        long end = below == null ? from : below.getKey() + below.getValue().memory().byteSize();
        assertThat(end).isLessThanOrEqualTo(from);
        assertThat(above == null || from + block.memory().byteSize() <= above).isTrue();
        used.put(from, block);
        places.add(from);
      } else {
        long any = random.nextLong(used.firstKey(), used.lastKey() + 1);
        used.remove(used.floorKey(any)).release();
      }
    }
    return places;
  }

  @Test
  void neighboursThatAreFreeServeALargerRequest() {
    try (var ws = new Workspace("w", ledger, false)) {
      var parts = new ArrayList<Workspace.Block>();
      for (int i = 0; i < 64; i++) {
        parts.add(ws.allocate(4096));
      }
      long start = parts.getFirst().memory().address();
      assertThat(ws.reserved()).isEqualTo(64 * 4096);
      // Even ones, then odd ones: merged below, above and on both sides.
      for (int offset = 0; offset < 2; offset++) {
        for (int i = offset; i < 64; i += 2) {
          parts.get(i).release();
        }
      }
      assertThat(ws.allocate(64 * 4096).memory().address()).isEqualTo(start);
      assertThat(ws.reserved()).isEqualTo(64 * 4096);
    }
  }

  @Test
  void theTightestFreePlaceIsTaken() {
    try (var ws = new Workspace("w", ledger, false)) {
      var large = ws.allocate(8192);
      ws.allocate(64);
      var small = ws.allocate(1024);
      ws.allocate(64);
      large.release();
      small.release();
      assertThat(ws.allocate(960).memory().address()).isEqualTo(small.memory().address());
      assertThat(ws.allocate(1024).memory().address()).isEqualTo(large.memory().address());
      assertThat(ws.allocate(4096).memory().address()).isEqualTo(large.memory().address() + 1024);
    }
  }

  @Test
  void blocksAreAlignedDistinctAndLongEnough() {
    try (var ws = new Workspace("w", ledger, false)) {
      long end = 0;
      for (long bytes : new long[] {0, 1, 64, 65, 1000}) {
        MemorySegment m = ws.allocate(bytes).memory();
        assertThat(m.byteSize()).isGreaterThanOrEqualTo(Math.max(1, bytes));
        assertThat(m.address() % 64).isZero();
        assertThat(m.address()).isGreaterThanOrEqualTo(end);
        end = m.address() + m.byteSize();
      }
      MemorySegment big = ws.allocate(5L << 20).memory();
      assertThat(big.byteSize()).isEqualTo(5L << 20);
    }
  }

  @Test
  void releasedMemoryIsUsedAgainAndItsOldBlockIsStale() {
    try (var ws = new Workspace("w", ledger, false)) {
      var first = ws.allocate(256);
      first.release();
      first.release();
      var second = ws.allocate(256);
      var third = ws.allocate(256);
      assertThat(second.memory().address()).isEqualTo(first.memory().address());
      assertThat(third.memory().address()).isNotEqualTo(first.memory().address());
      assertThat(first.invalidReason()).contains("released");
      assertThat(second.invalidReason()).isNull();
      first.release();
      assertThat(ws.allocate(256).memory().address()).isNotEqualTo(second.memory().address());
      assertThat(ws.peak()).isEqualTo(3 * 256);
      ws.reset();
      assertThat(second.invalidReason()).contains("reset", "copy out");
      second.release();
      assertThat(ws.allocate(256).memory().address()).isEqualTo(first.memory().address());
    }
  }

  @Test
  void debugPoisonFindsStaleAndUnwrittenReads() {
    try (var ws = new Workspace("w", ledger, true)) {
      var block = ws.allocate(64);
      assertThat(first(block.memory())).isNaN();
      block.memory().set(ValueLayout.JAVA_FLOAT, 0, 1);
      block.release();
      assertThat(first(block.memory())).isNaN();
      var other = ws.allocate(64);
      other.memory().set(ValueLayout.JAVA_FLOAT, 0, 2);
      ws.reset();
      assertThat(first(other.memory())).isNaN();
      assertThat(other.memory().get(ValueLayout.JAVA_DOUBLE, 0)).isNaN();
    }
  }

  @Test
  void scopesReleaseWhatIsTheirsAndNotKept() {
    try (var ws = new Workspace("w", ledger, false)) {
      var before = ws.allocate(64);
      Workspace.Block kept;
      Workspace.Block dropped;
      Workspace.Block inner;
      try (var outer = ws.openScope()) {
        dropped = ws.allocate(64);
        try (var scope = ws.openScope()) {
          inner = ws.allocate(64);
          kept = ws.allocate(64);
          scope.keep(kept);
          // Not of this scope: it must not become the outer one's either.
          scope.keep(before);
        }
        assertThat(inner.invalidReason()).isNotNull();
        assertThat(kept.invalidReason()).isNull();
        outer.keep(kept);
      }
      assertThat(dropped.invalidReason()).isNotNull();
      assertThat(kept.invalidReason()).isNull();
      assertThat(before.invalidReason()).isNull();
    }
  }

  @Test
  void aResetEndsOpenScopes() {
    try (var ws = new Workspace("w", ledger, false)) {
      Workspace.Block later;
      try (var _ = ws.openScope()) {
        ws.allocate(64);
        ws.reset();
        later = ws.allocate(64);
      }
      assertThat(later.invalidReason()).isNull();
    }
  }

  @Test
  void aClosedWorkspaceRefuses() {
    var ws = new Workspace("w", ledger, false);
    var block = ws.allocate(8);
    ws.close();
    ws.close();
    block.release();
    assertThat(block.invalidReason()).contains("closed");
    assertThatThrownBy(() -> ws.allocate(8))
        .isInstanceOf(StaleTensorException.class)
        .hasMessageContainingAll("'w'", "closed");
    assertThat(ledger.total()).isZero();
  }
}
