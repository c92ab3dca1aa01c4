import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { Static, TSchema } from 'typebox';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { validate } from '#contracts/validate.ts';

/** Where the hub's API is, and whom to trust for it. */
export interface HubApiAddress {
  readonly urls: readonly string[];
  /** PEM of a private CA, beside those that the system trusts. */
  readonly ca?: string | undefined;
}

const timeoutMs = 10_000;
const maxAnswerBytes = 256 * 1024;

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts to the first address that answers.
 *
 * @returns the answer's body as the schema has it; whether to believe it is the caller's to check.
 * @throws Fault with the hub's own code and words; LINK_DOWN where no address answers; HUB_UNTRUSTED
 * where what answers is no hub.
 */
export async function postToHub<S extends TSchema>(
  { urls, ca }: HubApiAddress,
  path: string,
  body: object,
  schema: S,
): Promise<Static<S>> {
  const failures: unknown[] = [];
  for (const url of urls) {
    let answer: HttpAnswer;
    try {
      answer = await post(new URL(path, url), JSON.stringify(body), ca);
    } catch (error) {
      failures.push(new Error(`${url}: ${messageOf(error)}`, { cause: error }));
      continue;
    }
    return readAnswer(url, answer, schema);
  }
  const [cause] = failures;
  const reasons = failures.map(messageOf).join('; ');
  throw new Fault('LINK_DOWN', `the hub does not answer: ${reasons}`, { cause });
}

function readAnswer<S extends TSchema>(
  url: string,
  { status, text }: HttpAnswer,
  schema: S,
): Static<S> {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    value = undefined;
  }
  if (status === 200) {
    const read = validate(schema, value);
    if (read.ok) return read.value;
  }
  const problem = problemIn(value);
  if (status !== 200 && problem !== undefined) {
    throw new Fault(problem.code, `${url}: ${problem.message}`);
  }
  throw new Fault('HUB_UNTRUSTED', `${url} answers, but not as a hub does (status ${status})`);
}

function problemIn(value: unknown): { code: FaultCode; message: string } | undefined {
  const { code, message } = (value ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || !Object.hasOwn(faultCodes, code)) return undefined;
  // What is not signed may come from anybody: short, and one line of it.
  const words = String(message).replace(/\s+/g, ' ').slice(0, 300);
  return { code: code as FaultCode, message: words };
}

function post(url: URL, body: string, ca: string | undefined): Promise<HttpAnswer> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    [csrfHeader]: '1',
  };
  const options = { method: 'POST', headers, timeout: timeoutMs };
  return new Promise((resolve, reject) => {
    const trusted = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
    const request: ClientRequest =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...trusted })
        : httpRequest(url, options);
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.end(body);
  });
}
