package io.tidemark.server.json;

import io.tidemark.app.Problem;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventType;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/// Reads JSON Schemas (2020-12). A schema refers to nothing outside of its file.
public final class JsonSchemaReader implements SchemaReader {
  @Override
  public Result read(String stream, Path file, String displayName) {
    String source;
    try {
      source = Files.readString(file);
    } catch (NoSuchFileException _) {
      return broken(stream, "", new Problem(displayName, 1, 1, "there is no such file"));
    } catch (CharacterCodingException _) {
      return broken(stream, "", new Problem(displayName, 1, 1, "the file is not UTF-8"));
    } catch (IOException e) {
      return broken(stream, "", new Problem(displayName, 1, 1, "cannot be read: " + e));
    }
    return readText(stream, source, displayName);
  }

  /// Reads a schema that is already at hand.
  public Result readText(String stream, String source, String displayName) {
    SourceMap map;
    SchemaDocument document;
    try {
      map = new SourceMap(source);
      document = new SchemaDocument(source);
    } catch (JacksonException e) {
      SourceMap.Position at = SourceMap.Position.of(e.getLocation());
      String message = "not JSON: " + e.getOriginalMessage();
      return broken(stream, source, new Problem(displayName, at.line(), at.column(), message));
    }
    Map<String, String> mistakes = SchemaChecks.problems(document);
    if (!mistakes.isEmpty()) {
      List<Problem> problems =
          mistakes.entrySet().stream()
              .map(
                  mistake -> {
                    SourceMap.Position at = map.position(mistake.getKey());
                    return new Problem(displayName, at.line(), at.column(), mistake.getValue());
                  })
              .sorted()
              .toList();
      return new Result(new EventType(stream, List.of()), source, problems);
    }
    LeafFinder found = LeafFinder.in(document);
    if (!found.problem().isEmpty()) {
      return broken(stream, source, new Problem(displayName, 1, 1, found.problem()));
    }
    return new Result(new EventType(stream, found.leaves()), source, List.of());
  }

  private static Result broken(String stream, String source, Problem problem) {
    return new Result(new EventType(stream, List.of()), source, List.of(problem));
  }
}
