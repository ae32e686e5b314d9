package io.tidemark.server.registry;

/// A request to the registry that cannot be answered; with the codes that its clients know.
final class RegistryError extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final int code;

  private RegistryError(int status, int code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }

  static RegistryError noSubject(String subject) {
    return new RegistryError(404, 40401, "Subject '%s' not found.".formatted(subject));
  }

  static RegistryError noVersion(String version) {
    return new RegistryError(404, 40402, "Version %s not found.".formatted(version));
  }

  static RegistryError noSchema(String what) {
    return new RegistryError(404, 40403, "Schema %s not found".formatted(what));
  }

  static RegistryError incompatible(String why) {
    return new RegistryError(409, 409, why);
  }

  static RegistryError badSchema(String why) {
    return new RegistryError(422, 42201, why);
  }

  static RegistryError badVersion(String version) {
    return new RegistryError(
        422,
        42202,
        "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
            .formatted(version));
  }

  static RegistryError fixedLevel(String why) {
    return new RegistryError(422, 42203, why);
  }

  static RegistryError fixedMode(String why) {
    return new RegistryError(422, 42204, why);
  }

  static RegistryError readOnly(String why) {
    return new RegistryError(422, 42205, why);
  }

  static RegistryError badBody(String why) {
    return new RegistryError(400, 400, why);
  }

  static RegistryError backend(String why) {
    return new RegistryError(503, 50003, why);
  }
}
