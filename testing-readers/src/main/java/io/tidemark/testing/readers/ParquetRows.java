package io.tidemark.testing.readers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;

/// Reads files row by row with Parquet's own library for Java, and believes nothing but the types
/// that the files declare.
public final class ParquetRows {
  private ParquetRows() {}

  /// Prints the number of the file, a tab and an object for each row.
  ///
  /// @param args the files
  public static void main(String[] args) throws IOException {
    JsonFactory factory = JsonFactory.builder().build();
    try (JsonGenerator json = factory.createGenerator(System.out).setRootValueSeparator(null)) {
      for (int i = 0; i < args.length; i++) {
        try (ParquetReader<Group> reader = open(new LocalInputFile(Path.of(args[i])))) {
          for (Group row = reader.read(); row != null; row = reader.read()) {
            json.writeRaw(i + "\t");
            GroupJson.write(row, json);
            json.writeRaw('\n');
          }
        }
      }
    }
  }

  private static ParquetReader<Group> open(InputFile file) throws IOException {
    return new ParquetReader.Builder<Group>(file) {
      @Override
      protected ReadSupport<Group> getReadSupport() {
        return new GroupReadSupport();
      }
    }.usePageChecksumVerification(true).build();
  }
}
