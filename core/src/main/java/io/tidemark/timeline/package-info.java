/// The newest events of each key.
///
/// A timeline's answer is exact at its mark: of each key (and value of the split field) exactly the
/// newest `keep` events by time, then offset, whatever else may still lie on disk.
@NullMarked
package io.tidemark.timeline;

import org.jspecify.annotations.NullMarked;
