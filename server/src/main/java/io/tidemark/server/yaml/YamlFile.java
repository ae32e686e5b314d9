package io.tidemark.server.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// One YAML file, from bytes to nodes that know their line and column.
final class YamlFile {
  static final int MAX_BYTES = 1 << 20;

  private final String name;
  private final Problems problems;

  private YamlFile(String name, Problems problems) {
    this.name = name;
    this.problems = problems;
  }

  /// The root of the file's only document; empty after a problem was reported.
  ///
  /// @param name what the file is called in problems
  static Optional<Node> read(Path file, String name, Problems problems) {
    var yaml = new YamlFile(name, problems);
    return yaml.bytes(file).flatMap(yaml::text).flatMap(yaml::compose);
  }

  private Optional<byte[]> bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      return bytes.length <= MAX_BYTES
          ? Optional.of(bytes)
          : refuse("larger than " + Sizes.format(MAX_BYTES));
    } catch (NoSuchFileException _) {
      return refuse("no such file; an app is a folder with a file " + AppReader.FILE);
    } catch (AccessDeniedException _) {
      return refuse("cannot be read: permission denied");
    } catch (IOException e) {
      return refuse("cannot be read: " + Words.shown(String.valueOf(e.getMessage())));
    }
  }

  private Optional<String> text(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    boolean malformed = decoder.decode(in, out, true).isError();
    String text = out.flip().toString();
    if (malformed) {
      int wrong = bytes[in.position()] & 0xff;
      return refuse(
          text,
          "not UTF-8: no character has the byte 0x%02X here; save the file as UTF-8"
              .formatted(wrong));
    }
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (!StreamReader.isPrintable(c)) {
        return refuse(text.substring(0, i), "character U+%04X is not allowed in YAML".formatted(c));
      }
    }
    return Optional.of(text);
  }

  private Optional<Node> compose(String text) {
    LoadSettings settings = LoadSettings.builder().setLabel(name).setUseMarks(true).build();
    var parser =
        new GuardedParser(
            new ParserImpl(settings, new StreamReader(settings, lines(text))), problems);
    try {
      Optional<Node> root = new Composer(settings, parser).getSingleNode();
      return root.isEmpty() || root.get().getTag().equals(Tag.NULL)
          ? refuse("nothing in it; an app begins with its name, as in app: shop")
          : root;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      return refuse(mark.or(() -> Optional.ofNullable(parser.last())), YamlSyntax.explain(e));
    } catch (RuntimeException e) {
      // The library checks neither all escapes nor all numbers before it uses them.
      String reason = Words.shown(String.valueOf(e.getMessage()));
      return refuse(Optional.ofNullable(parser.last()), "not YAML: " + reason);
    }
  }

  private <T> Optional<T> refuse(String message) {
    problems.add(name, 1, 1, message);
    return Optional.empty();
  }

  private <T> Optional<T> refuse(Optional<Mark> mark, String message) {
    mark.ifPresentOrElse(m -> problems.add(m, message), () -> refuse(message));
    return Optional.empty();
  }

  /// Points at what comes after some text.
  private <T> Optional<T> refuse(String before, String message) {
    String lines = lines(before);
    int line = 1 + (int) lines.chars().filter(c -> c == '\n').count();
    int start = lines.lastIndexOf('\n') + 1;
    int column = 1 + lines.codePointCount(start, lines.length());
    problems.add(name, line, column, message);
    return Optional.empty();
  }

  /// The text with one kind of line end, so that everybody counts lines and columns alike.
  private static String lines(String text) {
    return text.replace("\r\n", "\n").replace('\r', '\n');
  }
}
