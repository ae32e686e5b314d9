/// Objects in a bucket of S3, or of anything that speaks its protocol, through Amazon's library.
///
/// Invariants: an object is complete before it has its key, and what the server says of it has been
/// compared with what was sent: by CRC-32C where the server knows it, by MD5 or by the checksum
/// that we keep beside it where not. An upload that broke off goes on with the parts that are
/// there. An answer that is not S3's is never taken for one, whatever its status.
@NullMarked
package io.tidemark.server.s3;

import org.jspecify.annotations.NullMarked;
