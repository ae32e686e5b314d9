package io.tidemark.testing.s3;

import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;

/// S3Proxy on a folder, at any free port. Says on standard output where it serves, and ends when
/// its standard input does, so that it does not outlive who has started it.
public final class S3Server {
  private S3Server() {}

  /// @param args the folder, whose folders are buckets; the access key; the secret key
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.setProperty(
        "jclouds.filesystem.basedir", Files.createDirectories(Path.of(args[0])).toString());
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(BlobStores.create("filesystem", properties))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, args[1], args[2])
            .build();
    server.start();
    String ready = "\nREADY http://127.0.0.1:" + server.getPort() + "\n";
    System.out.write(ready.getBytes(StandardCharsets.UTF_8));
    System.out.flush();
    System.in.transferTo(OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }
}
