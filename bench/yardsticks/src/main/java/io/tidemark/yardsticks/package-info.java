/// Servers of others that Tidemark is measured beside, each a program of its own: their libraries
/// and ours never meet.
@NullMarked
package io.tidemark.yardsticks;

import org.jspecify.annotations.NullMarked;
