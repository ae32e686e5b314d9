package io.tidemark.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// A small file as text, so that an operator can read it: a line for each thing, its parts between
/// tabs. The first line names the format, the last one is a CRC-32C of all bytes before it:
///
/// ```
/// FORMAT
/// NAME  PART…       any number of lines
/// crc32c  HEX
/// ```
public final class SummedText {
  private static final String SUM = "crc32c\t";

  private final StringBuilder text;

  /// Begins one.
  public SummedText(String format) {
    text = new StringBuilder(format).append('\n');
  }

  /// The bytes are not what was written.
  public static final class Corrupt extends IOException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message) {
      super(message);
    }
  }

  /// Adds a line.
  ///
  /// @throws IllegalArgumentException where a part has a tab or the end of a line in it
  public void line(String name, Object... parts) {
    text.append(name);
    for (Object part : parts) {
      String value = part.toString();
      if (value.indexOf('\t') >= 0 || value.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a tab or a line end in " + value);
      }
      text.append('\t').append(value);
    }
    text.append('\n');
  }

  /// All of it.
  public byte[] bytes() {
    String body = text.toString();
    return (body + SUM + Long.toHexString(crc(body)) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /// The lines between the first and the last one, each as its name and its parts.
  public static List<String[]> read(String format, byte[] bytes) throws Corrupt {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf(SUM);
    if (end < 0 || !text.endsWith("\n")) {
      throw new Corrupt("cut short: no checksum");
    }
    String body = text.substring(0, end);
    String sum = text.substring(end + SUM.length(), text.length() - 1);
    if (!sum.equals(Long.toHexString(crc(body)))) {
      throw new Corrupt("wrong checksum");
    }
    String[] lines = body.split("\n", -1);
    if (!lines[0].equals(format)) {
      throw new Corrupt("of another format: " + lines[0]);
    }
    List<String[]> parts = new ArrayList<>();
    for (int i = 1; i < lines.length - 1; i++) {
      parts.add(lines[i].split("\t", -1));
    }
    return parts;
  }

  private static long crc(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
