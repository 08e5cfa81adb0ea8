package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
