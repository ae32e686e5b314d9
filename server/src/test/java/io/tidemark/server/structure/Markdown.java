package io.tidemark.server.structure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A document in Markdown, taken apart as far as the rules need it.
///
/// @param file where it is
/// @param text as it was written
record Markdown(Path file, String text) {
  private static final Pattern FENCE = Pattern.compile("^ *```(.*)$");
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|srcset|href)=\"([^\"]+)\"");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*?) *#*$");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

  static Markdown read(Path file) {
    return new Markdown(file, Project.read(file));
  }

  static Markdown read(String relative) {
    return read(Project.ROOT.resolve(relative));
  }

  /// A fenced block.
  ///
  /// @param language what stands behind the fence
  /// @param line of the fence, from 1
  record Block(String language, String content, int line) {}

  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    StringBuilder content = new StringBuilder();
    String language = "";
    int start = 0;
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher fence = FENCE.matcher(line);
      if (!fence.matches()) {
        content.append(line).append('\n');
      } else if (start == 0) {
        start = number;
        language = fence.group(1).strip();
        content.setLength(0);
      } else {
        blocks.add(new Block(language, content.toString(), start));
        start = 0;
      }
    }
    if (start > 0) {
      throw new IllegalStateException(file + ":" + start + ": the block has no end");
    }
    return blocks;
  }

  /// The text outside of fenced blocks; every line keeps its number.
  String prose() {
    StringBuilder prose = new StringBuilder();
    boolean inBlock = false;
    for (String line : text.split("\n", -1)) {
      boolean fence = FENCE.matcher(line).matches();
      prose.append(fence || inBlock ? "" : line).append('\n');
      inBlock ^= fence;
    }
    return prose.toString();
  }

  /// The targets of links and pictures.
  List<String> links() {
    List<String> links = new ArrayList<>();
    Matcher matcher = LINK.matcher(CODE.matcher(prose()).replaceAll("` `"));
    while (matcher.find()) {
      links.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return links;
  }

  /// What stands in backticks within the prose.
  List<String> codes() {
    return CODE.matcher(prose()).results().map(m -> m.group(1)).toList();
  }

  /// The headings' texts, in their order.
  List<String> headings() {
    return prose()
        .lines()
        .map(HEADING::matcher)
        .filter(Matcher::matches)
        .map(m -> m.group(1))
        .toList();
  }

  /// The anchors of the headings, made as GitHub makes them.
  Set<String> anchors() {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String heading : headings()) {
      String anchor =
          heading
              .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N}\\- _]", "")
              .replace(' ', '-');
      int times = seen.merge(anchor, 1, Integer::sum);
      anchors.add(times == 1 ? anchor : anchor + "-" + (times - 1));
    }
    return anchors;
  }

  /// The part below a heading, up to the next one of the same or a higher level.
  String section(String heading) {
    StringBuilder section = new StringBuilder();
    int level = 0;
    boolean inBlock = false;
    for (String line : text.split("\n", -1)) {
      inBlock ^= FENCE.matcher(line).matches();
      Matcher matcher = HEADING.matcher(line);
      if (!inBlock && matcher.matches()) {
        int depth = line.length() - line.replaceFirst("^#+", "").length();
        if (level > 0 && depth <= level) {
          return section.toString();
        }
        if (matcher.group(1).equals(heading)) {
          level = depth;
          continue;
        }
      }
      if (level > 0) {
        section.append(line).append('\n');
      }
    }
    if (level == 0) {
      throw new IllegalStateException(file + " has no heading \"" + heading + "\"");
    }
    return section.toString();
  }
}
