package io.tidemark.server.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/// Tells [ClientPace] and [ClientWatch] of each connection as it begins, and the former of what
/// comes on it, which the server keeps in memory until a head is complete.
record CountedConnections(ServerConnectionSelector protocol, ClientPace pace)
    implements ServerConnectionSelector {
  @Override
  public int bytesToIdentifyConnection() {
    return protocol.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return protocol.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return protocol.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    pace.connected();
    DataReader reader = context.dataReader();
    ClientWatch watch = ClientWatch.connected(reader);
    return protocol.connection(new Counted(context, DataReader.create(() -> next(reader, watch))));
  }

  private byte @Nullable [] next(DataReader reader, ClientWatch watch) {
    if (!watch.awaitListener()) {
      return null;
    }
    try {
      reader.ensureAvailable();
    } catch (DataReader.InsufficientDataAvailableException _) {
      return null;
    }
    byte[] bytes = reader.readBytes(reader.available());
    pace.came(bytes.length);
    return bytes;
  }

  /// The same connection, read by another reader.
  private record Counted(ConnectionContext of, DataReader dataReader) implements ConnectionContext {
    @Override
    public ListenerContext listenerContext() {
      return of.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return of.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return of.dataWriter();
    }

    @Override
    public Router router() {
      return of.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return of.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return of.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return of.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return of.localPeer();
    }

    @Override
    public boolean isSecure() {
      return of.isSecure();
    }

    @Override
    public String socketId() {
      return of.socketId();
    }

    @Override
    public String childSocketId() {
      return of.childSocketId();
    }
  }
}
