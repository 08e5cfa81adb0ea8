package birkhoff.transformer.exchange;

import java.util.List;
import java.util.regex.Pattern;

/** What GPT-2's tensors are called at Hugging Face, and how they lie there. */
final class HfNames {
  private static final String PREFIX = "transformer.";
  private static final List<String> CONV1D =
      List.of(
          ".attn.c_attn.weight", ".attn.c_proj.weight", ".mlp.c_fc.weight", ".mlp.c_proj.weight");

  /** Causal masks, which older versions saved. */
  private static final Pattern BUFFER = Pattern.compile("h\\.[0-9]+\\.attn\\.(masked_)?bias");

  private HfNames() {}

  /** Whether a matrix is stored {@code [in, out]}: GPT-2 computes {@code y = x·W}. */
  static boolean isTransposed(String name) {
    return CONV1D.stream().anyMatch(name::endsWith);
  }

  /** Our name of a stored tensor: some folders leave the first part out. */
  static String ours(String stored) {
    return stored.startsWith(PREFIX) || stored.startsWith("lm_head.") ? stored : PREFIX + stored;
  }

  /** Whether a stored tensor holds nothing that was learnt. */
  static boolean isBuffer(String stored) {
    String name = stored.startsWith(PREFIX) ? stored.substring(PREFIX.length()) : stored;
    return BUFFER.matcher(name).matches();
  }
}
