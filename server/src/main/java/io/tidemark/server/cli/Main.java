package io.tidemark.server.cli;

import io.tidemark.app.DeclarationException;
import java.io.File;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `tidemark`.
@Command(
    name = "tidemark",
    description = "Exact, always-fresh answers over streams of events.",
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      CheckCommand.class,
      SendCommand.class,
      ImportCommand.class,
      GenerateCommand.class,
      LoadCommand.class,
      QueryCommand.class,
      ExportCommand.class,
      VerifyCommand.class,
      EraseCommand.class,
      ViewsCommand.class,
      WarmUpCommand.class
    })
public final class Main implements Runnable {
  /// The exit code of a command that could not do what it was asked to.
  static final int FAILED = 1;

  /// The exit code of a command that was not understood.
  static final int USAGE = 2;

  public static void main(String[] args) {
    Logs.start();
    deleteOwnFolderAtExit();
    System.exit(run(args));
  }

  /// What the launcher has made for libraries to unpack themselves into goes when they have deleted
  /// what they put there: who asks first is served last.
  private static void deleteOwnFolderAtExit() {
    String folder = System.getProperty("tidemark.temporary");
    if (folder != null) {
      new File(folder).deleteOnExit();
    }
  }

  /// Runs a command.
  ///
  /// @return its exit code
  public static int run(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Main::failed);
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult result) {
    if (e instanceof DeclarationException || e instanceof CommandException) {
      line.getErr().println(e.getMessage());
    } else if (e instanceof IOException) {
      line.getErr().println("tidemark: " + e.getMessage());
    } else {
      line.getErr().println("tidemark: this is a bug; please report it with what follows");
      e.printStackTrace(line.getErr());
    }
    line.getErr().flush();
    return FAILED;
  }

  /// The version of the jar.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"tidemark " + (version == null ? "(from classes)" : version)};
    }
  }
}
