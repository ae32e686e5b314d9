package io.tidemark.server.structure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A Java source file.
///
/// @param module the folder of its Maven module
/// @param file from the project's root
/// @param text as it was written
record JavaSource(String module, String file, String text) {
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");

  /// A qualified name of a type, imported or used in place: lower-case parts, then an upper-case
  /// one.
  private static final Pattern QUALIFIED =
      Pattern.compile("(?<![\\w.])([a-z]\\w*(?:\\.[a-z]\\w*)*)\\.([A-Z]\\w*)");

  private static final Pattern DECLARED =
      Pattern.compile("\\b(?:class|interface|enum|record|@interface)\\s+([A-Z]\\w*)");

  /// What a qualified name begins with, rather than an expression such as `row.type.MAX`.
  private static final Set<String> ROOTS =
      Set.of("java", "javax", "jdk", "sun", "com", "org", "io", "net", "tools", "ch", "kafka");

  /// A type that is used.
  ///
  /// @param line from 1
  record Use(String packageName, String type, int line) {
    String name() {
      return packageName + "." + type;
    }
  }

  String packageName() {
    Matcher matcher = PACKAGE.matcher(code());
    if (!matcher.find()) {
      throw new IllegalStateException(file + " has no package");
    }
    return matcher.group(1);
  }

  String fileName() {
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /// Types of other packages, whether imported or named in full.
  List<Use> uses() {
    String code = code();
    List<Use> uses = new ArrayList<>();
    Matcher matcher = QUALIFIED.matcher(code);
    while (matcher.find()) {
      String packageName = matcher.group(1);
      String root = packageName.split("\\.", 2)[0];
      if (ROOTS.contains(root) || root.equals("picocli")) {
        uses.add(new Use(packageName, matcher.group(2), lineOf(code, matcher.start())));
      }
    }
    return uses;
  }

  /// The simple names of the types that it declares.
  Set<String> types() {
    Set<String> types = new TreeSet<>();
    Matcher matcher = DECLARED.matcher(code());
    while (matcher.find()) {
      types.add(matcher.group(1));
    }
    return types;
  }

  static int lineOf(String text, int at) {
    return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
  }

  /// The text without comments and without what is in quotes; every line keeps its number.
  String code() {
    return strip(false);
  }

  /// The text without comments.
  String codeWithStrings() {
    return strip(true);
  }

  private String strip(boolean keepStrings) {
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = at + 1;
      boolean keep = true;
      if (text.startsWith("//", at)) {
        end = indexOrEnd("\n", at);
        keep = false;
      } else if (text.startsWith("/*", at)) {
        end = Math.min(text.length(), indexOrEnd("*/", at + 2) + 2);
        keep = false;
      } else if (text.startsWith("\"\"\"", at)) {
        end = Math.min(text.length(), indexOrEnd("\"\"\"", at + 3) + 3);
        keep = keepStrings;
      } else if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
        end = endOfQuoted(at);
        keep = keepStrings;
      }
      String piece = text.substring(at, end);
      out.append(keep ? piece : piece.replaceAll("[^\n]+", " "));
      at = end;
    }
    return out.toString();
  }

  private int indexOrEnd(String what, int from) {
    int at = text.indexOf(what, from);
    return at < 0 ? text.length() : at;
  }

  private int endOfQuoted(int start) {
    char quote = text.charAt(start);
    int at = start + 1;
    while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\n') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(text.length(), at + 1);
  }
}
