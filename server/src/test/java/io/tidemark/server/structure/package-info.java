/// Rules about the project as a whole: which package may know which, how sources look, and that the
/// documents are true.
@NullMarked
package io.tidemark.server.structure;

import org.jspecify.annotations.NullMarked;
