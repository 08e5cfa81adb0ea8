package birkhoff.ffi.load;

/** How an attempt to load a native library ended. */
public enum LoadOutcome {
  /** The library is loaded and bound. */
  LOADED,
  /** The user switched the library off. */
  DISABLED,
  /** Nothing was there to open. */
  NOT_FOUND,
  /** The library carried by the class path could not be placed in the cache, or is not the one. */
  NOT_EXTRACTED,
  /**
   * The system's linker refused the file: wrong architecture, not a library, missing dependency.
   */
  CANNOT_OPEN,
  /** It opens, but lacks a function that is needed. */
  MISSING_SYMBOL,
  /** It has the functions, but its build does not fit (threading, integer width). */
  UNSUITABLE,
  /** This JVM already uses another copy. */
  CONFLICT,
  /** The JVM was told to deny native access to this module. */
  NATIVE_ACCESS_DENIED
}
