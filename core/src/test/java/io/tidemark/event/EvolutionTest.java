package io.tidemark.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What may change in a schema, and what is said of what may not.
final class EvolutionTest {
  private static final EventType BEFORE =
      type(
          new Field("time", FieldType.TIMESTAMP, true),
          new Field("user", FieldType.STRING, true),
          new Field("amount", FieldType.LONG, false));

  private static EventType type(Field... fields) {
    return new EventType("s", List.of(fields));
  }

  private static List<String> after(Field... fields) {
    return Evolution.obstacles(BEFORE, type(fields));
  }

  private static Field time() {
    return BEFORE.field(0);
  }

  private static Field user() {
    return BEFORE.field(1);
  }

  private static Field amount() {
    return BEFORE.field(2);
  }

  @Test
  void whatOnlyWidensIsCompatible() {
    assertThat(Evolution.obstacles(BEFORE, BEFORE)).isEmpty();
    assertThat(
            after(
                new Field("colour.name", FieldType.JSON, false),
                new Field("amount", FieldType.DOUBLE, false),
                new Field("user", FieldType.STRING, false),
                time()))
        .isEmpty();
  }

  @Test
  void aFieldThatIsGoneWouldBeLost() {
    assertThat(after(time(), user()))
        .containsExactly(
            "amount is gone, but events that came before have it: keep it, as an optional property");
  }

  @Test
  void aFieldThatBecomesAnObjectIsAnother() {
    assertThat(after(time(), user(), new Field("amount.net", FieldType.LONG, false)))
        .containsExactly("amount was an integer and is an object with properties of its own now");
  }

  @Test
  void aNewFieldMustBeOptional() {
    assertThat(after(time(), user(), amount(), new Field("colour", FieldType.STRING, true)))
        .containsExactly(
            "colour is new and required, but events that came before do not have it: make it"
                + " optional");
  }

  @Test
  void anOptionalFieldStaysSo() {
    assertThat(after(time(), user(), new Field("amount", FieldType.LONG, true)))
        .containsExactly(
            "amount was optional and is required now, but events that came before may not have it:"
                + " leave it optional");
  }

  @Test
  void onlyAnIntegerGetsWider() {
    for (FieldType was : FieldType.values()) {
      for (FieldType is : FieldType.values()) {
        List<String> obstacles =
            Evolution.obstacles(type(new Field("f", was, false)), type(new Field("f", is, false)));
        boolean fine = was == is || (was == FieldType.LONG && is == FieldType.DOUBLE);
        assertThat(obstacles.isEmpty()).as("%s to %s", was, is).isEqualTo(fine);
      }
    }
    assertThat(after(time(), user(), new Field("amount", FieldType.STRING, false)))
        .containsExactly(
            "amount was an integer and is a string now; only an integer may become a number");
  }

  @Test
  void namesThatDifferOnlyByCaseAreOneToFiles() {
    assertThat(after(time(), user(), amount(), new Field("User", FieldType.STRING, false)))
        .containsExactly(
            "User is new and differs from user only by upper and lower case, which files do not"
                + " tell apart: give it another name");
  }

  @Test
  void whatFilesCallAFieldStays() {
    EventType both =
        type(
            time(),
            new Field("Foo", FieldType.STRING, false),
            new Field("foo", FieldType.STRING, false));
    EventType turned =
        type(
            time(),
            new Field("foo", FieldType.STRING, false),
            new Field("Foo", FieldType.STRING, false));
    assertThat(Evolution.obstacles(both, turned))
        .anySatisfy(o -> assertThat(o).startsWith("foo is called foo_2 in files and would be"));
    EventType more =
        type(
            time(),
            new Field("Foo", FieldType.STRING, false),
            new Field("foo_2", FieldType.STRING, false),
            new Field("foo", FieldType.STRING, false));
    assertThat(Evolution.obstacles(both, more)).isNotEmpty();
    assertThat(after(time(), user(), amount(), new Field("_extra", FieldType.STRING, false)))
        .singleElement()
        .satisfies(o -> assertThat(o).startsWith("_extra of ours is called _extra in files"));
    assertThat(Evolution.obstacles(both, both)).isEmpty();
  }
}
