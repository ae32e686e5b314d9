package io.tidemark.query;

/// How the rows of an answer to SQL are written.
public enum SqlFormat {
  /// One object with the columns and all rows.
  JSON("application/json"),
  /// An object a row.
  NDJSON("application/x-ndjson"),
  CSV("text/csv"),
  PARQUET("application/vnd.apache.parquet"),
  /// Batches of columns.
  ARROW("application/vnd.apache.arrow.stream");

  private final String contentType;

  SqlFormat(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }
}
