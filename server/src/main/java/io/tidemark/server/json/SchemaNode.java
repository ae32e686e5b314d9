package io.tidemark.server.json;

import io.tidemark.event.FieldType;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/// One subschema, compiled for one place: which values it takes, and what becomes of them.
/// Recursive schemas make this a graph with cycles, which is why the fields are filled after
/// construction.
final class SchemaNode {
  static final int NULL = 1;
  static final int BOOLEAN = 2;
  static final int STRING = 4;
  static final int INTEGER = 8;

  /// Any number; a node that takes numbers takes integers.
  static final int NUMBER = 16;

  static final int OBJECT = 32;
  static final int ARRAY = 64;
  static final int ANY_TYPE = 127;

  private static final String[] TYPE_NAMES = {
    "null", "a boolean", "a string", "an integer", "a number", "an object", "an array"
  };

  /// The schema `true`.
  static final SchemaNode ANY = new SchemaNode();

  /// The schema `false`.
  static final SchemaNode NEVER = new SchemaNode();

  /// What becomes of a value.
  enum Role {
    /// It is a leaf of the row.
    LEAF,
    /// It is an object whose members are leaves and groups.
    GROUP,
    /// It has no place in the row: it is part of a JSON leaf, or is kept in the row's extra.
    RAW
  }

  Role role = Role.RAW;
  int leaf = -1;
  FieldType leafType = FieldType.JSON;
  int types = ANY_TYPE;
  @Nullable Choice choice;
  @Nullable Choice constant;
  @Nullable StringRules strings;
  @Nullable NumberRules numbers;
  @Nullable ObjectRules objects;
  @Nullable SchemaNode items;
  int itemsMin;
  int itemsMax = Integer.MAX_VALUE;

  /// For what is not compiled; null where everything is.
  @Nullable Judge judge;

  boolean takes(int type) {
    return (types & type) != 0;
  }

  /// What the node expects, for a person.
  String expected() {
    StringJoiner joiner = new StringJoiner(" or ");
    for (int i = 0; i < TYPE_NAMES.length; i++) {
      boolean impliedByNumber = 1 << i == INTEGER && takes(NUMBER);
      if (takes(1 << i) && !impliedByNumber) {
        joiner.add(TYPE_NAMES[i]);
      }
    }
    return joiner.length() == 0 ? "nothing" : joiner.toString();
  }

  /// What a token is, for a person.
  static String found(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction or an exponent";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> token.toString();
    };
  }
}
