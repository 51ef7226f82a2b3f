import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The service: a page that greets, and /health. Put your own in place of it. */
public class Server {
    public static void main(String[] words) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/", Server::answer);
        server.start();
        if (System.getenv("NOTIFY_SOCKET") != null) {
            // tells systemd that requests are answered now
            new ProcessBuilder("systemd-notify", "--ready").inheritIO().start();
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        System.out.println(exchange.getRequestMethod() + " " + path); // to the journal
        switch (path) {
            case "/" -> send(exchange, 200, "text/plain", System.getenv("GREETING") + "\n");
            case "/health" -> send(exchange, 200, "application/json", "{\"status\": \"ok\"}\n");
            default -> send(exchange, 404, "text/plain", "There is no such page.\n");
        }
    }

    private static void send(HttpExchange exchange, int status, String kind, String text)
            throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", kind + "; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
