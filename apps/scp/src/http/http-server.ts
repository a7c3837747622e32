// The HTTP server for operators: read-only, and by default only for this machine.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';

/** Answers requests for a path. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpServerOptions {
  readonly port: number;
  readonly host: string;
  /** By path. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Whether a request may be answered. If not, this has answered it. Default: every request. */
  readonly admit?: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;
  /** Milliseconds in which a client must send its request. Default 10 s. */
  readonly requestTimeout?: number;
  /** Is called with the error that a route threw. */
  readonly failed: (error: unknown, path: string) => void;
}

export interface HttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
}

/** @throws the system's error, such as EADDRINUSE. */
export async function openHttpServer({
  port,
  host,
  routes,
  admit = () => Promise.resolve(true),
  requestTimeout = 10_000,
  failed,
}: HttpServerOptions): Promise<HttpServer> {
  const isLocal = isLoopback(host);
  // Node.js looks for late requests every half minute, unless it is told otherwise.
  const server = createServer({ connectionsCheckingInterval: requestTimeout / 10 }, (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (isLocal && !isOurs(request.headers.host))
      answerText(response, 403, 'this is for this machine: ask for localhost');
    else void answer(request, response, { routes, admit, failed });
  });
  // Clients that send no request or do not read the response are disconnected.
  server.headersTimeout = requestTimeout;
  server.requestTimeout = requestTimeout;
  server.timeout = 30_000;
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** Whether an address to listen at reaches this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/**
 * Prevents DNS rebinding: a foreign page could let its own host name resolve to this machine and read the responses.
 * Browsers always name the host; the checks of load balancers do not.
 */
function isOurs(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

/** Our pages may load nothing from anywhere else, including scripts and pictures. */
const HEADERS = {
  'Content-Security-Policy': [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; '),
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** Never rejects. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, admit, failed }: Required<Pick<HttpServerOptions, 'routes' | 'admit' | 'failed'>>,
): Promise<void> {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  try {
    if (!(await admit(request, response, path))) return;
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) answerText(response, 404, 'there is nothing here');
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      answerText(response, 405, 'this can be read only');
    } else await route(request, response);
  } catch (error) {
    failed(error, path);
    if (response.headersSent) response.destroy();
    else answerText(response, 500, 'this could not be told; the log says why');
  }
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // An open page would keep the server from closing.
  server.closeAllConnections();
  await closed;
}
