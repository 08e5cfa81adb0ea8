/** Files: safetensors, and files and folders that appear whole or not at all. */
package birkhoff.engine.io;
