import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';

/** How the servers of the tests answer: as hub and gateway do. */

/** The policy that hub and gateway send with their pages; these must live with it. */
const contentPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** A file of the built page; a path without an extension is the page itself. */
export async function sendPage(dist: string, path: string, response: ServerResponse) {
  const file = extname(path) === '' ? '/index.html' : path;
  try {
    const body = await readFile(join(dist, file));
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': contentPolicy,
      'cache-control': file.startsWith('/assets/') ? 'public, max-age=3600, immutable' : 'no-cache',
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function sendRefusal(
  response: ServerResponse,
  code: FaultCode,
  headers: Record<string, string> = {},
): void {
  const { httpStatus, retryable } = faultCodes[code];
  response
    .writeHead(httpStatus, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ code, message: 'from the fixture', retryable }));
}

export async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
