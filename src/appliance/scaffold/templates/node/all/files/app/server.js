// The service: a page that greets, and /health. Put your own in place of it.
"use strict";
const http = require("node:http");
const { execFile } = require("node:child_process");

const pages = {
    "/": ["text/plain; charset=utf-8", `${process.env.GREETING}\n`],
    "/health": ["application/json", `${JSON.stringify({ status: "ok" })}\n`],
};

const server = http.createServer((request, response) => {
    console.log(request.method, request.url); // to the journal
    const page = Object.hasOwn(pages, request.url) ? pages[request.url] : undefined;
    const [kind, text] = page ?? ["text/plain; charset=utf-8", "There is no such page.\n"];
    response.writeHead(page ? 200 : 404, { "Content-Type": kind });
    response.end(text);
});

server.listen(Number(process.env.PORT), () => {
    // tells systemd that requests are answered now
    if (process.env.NOTIFY_SOCKET) execFile("systemd-notify", ["--ready"]);
});

process.on("SIGTERM", () => process.exit(0));
