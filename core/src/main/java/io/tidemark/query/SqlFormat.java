package io.tidemark.query;

/// How the rows of an answer to SQL are written.
public enum SqlFormat {
  /// One object with the columns and all rows.
  JSON("application/json"),
  /// An object a row.
  NDJSON("application/x-ndjson"),
  CSV("text/csv"),
  PARQUET("application/vnd.apache.parquet");

  private final String contentType;

  SqlFormat(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }
}
