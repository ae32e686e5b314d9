package io.tidemark.server.json;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import com.networknt.schema.regex.RegularExpressions;
import io.tidemark.ingest.Refusal.Reason;
import java.util.regex.Pattern;

/// A regular expression that gives up on a text where trying goes on for too long. The JDK's
/// matcher goes back and tries again: for some expressions, as `^(a+)+$`, that takes time
/// exponential in the length of the text, for others stack. The expression comes from who declares
/// a stream, but the text from anybody.
final class BoundedRegex implements RegularExpression {
  static final RegularExpressionFactory FACTORY = BoundedRegex::new;

  /// How many characters may be looked at, on top of a number for each character of the text.
  private static final long STEPS = 1 << 20;

  private static final long STEPS_A_CHARACTER = 100;

  private final Pattern pattern;

  /// @throws java.util.regex.PatternSyntaxException where it is none
  BoundedRegex(String regex) {
    // As the validator's own: a $ is the end of the text, and not before a last line feed.
    this.pattern =
        Pattern.compile(
            RegularExpressions.replaceLongformCharacterProperties(
                RegularExpressions.replaceDollarAnchors(regex)));
  }

  /// Whether it is found in a text.
  ///
  /// @throws Refused where that takes too long to find out
  @Override
  public boolean matches(String text) {
    try {
      return pattern.matcher(new Steps(text, STEPS + STEPS_A_CHARACTER * text.length())).find();
    } catch (StackOverflowError | TooManySteps _) {
      throw new Refused(
          Reason.PATTERN,
          "cannot try the pattern on this text of %d characters: it goes on for too long"
              .formatted(text.length()));
    }
  }

  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManySteps() {
      super(null, null, false, false);
    }
  }

  /// A text that counts how often it is looked at.
  private static final class Steps implements CharSequence {
    private final String text;
    private long left;

    Steps(String text, long left) {
      this.text = text;
      this.left = left;
    }

    @Override
    public char charAt(int index) {
      if (--left < 0) {
        throw new TooManySteps();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
