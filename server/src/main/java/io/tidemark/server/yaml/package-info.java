/// Reads the declarations of an app, `app.yaml`, into the model of `io.tidemark.app`.
///
/// What people write by hand is often wrong, so reading is mostly saying what is wrong: every
/// mistake of every file at once, each with its line and column and the nearest right thing. A
/// mistake never hides another one: what is misspelt is taken for what it resembles, and a view of
/// a stream whose schema is broken is still checked for everything but its fields. Nothing is built
/// from a declaration that has a mistake.
@NullMarked
package io.tidemark.server.yaml;

import org.jspecify.annotations.NullMarked;
