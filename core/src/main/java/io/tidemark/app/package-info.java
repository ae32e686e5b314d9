/// What people declare: apps with streams and views, as immutable values that cannot be wrong.
///
/// Reading them from files, and saying what is wrong with them, is an adapter's work; everything
/// downstream may rely on names that exist, fields that have the right type, and bounds that hold.
@NullMarked
package io.tidemark.app;

import org.jspecify.annotations.NullMarked;
