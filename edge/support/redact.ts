import { readFileSync } from 'node:fs';

const redacted = '<redacted>';
/** What is shorter would be found everywhere, and is no secret worth the name. */
const shortestSecret = 4;
const largestFileBytes = 65_536;
const secretName = /pass(?:word|phrase)|secret|token|seed|private|credential|authorization/i;

/**
 * A config without what is secret in it: values whose name says so, and of addresses user, password
 * and query. Names of files stay, as whoever helps must know which is meant.
 */
export function redactConfig(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => redactConfig(one, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, redactConfig(one, key)]),
    );
  }
  if (typeof value !== 'string') return value;
  if (secretName.test(name) && !isFileName(name)) return redacted;
  return redactAddress(value);
}

/** The contents of all files that a config names, and of secret values in it, longest first. */
export function secretsOf(config: unknown): string[] {
  const found = new Set<string>();
  const add = (text: string): void => {
    for (const part of [text, text.trim(), ...text.split(/\r?\n/)]) {
      if (part.trim().length >= shortestSecret && !/^-+(?:BEGIN|END)/.test(part)) found.add(part);
    }
  };
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) walk(one, Array.isArray(value) ? name : key);
      return;
    }
    if (typeof value !== 'string') return;
    if (isFileName(name)) add(contentOf(value));
    else if (secretName.test(name)) add(value);
    const address = URL.canParse(value) ? new URL(value) : undefined;
    if (address !== undefined) add(decodeURIComponent(address.password));
  };
  walk(config, '');
  return [...found].toSorted((a, b) => b.length - a.length);
}

/** What is secret whatever file it came from, by how it looks; group 1 stays. */
const secretShapes: readonly RegExp[] = [
  // Private keys as PEM, also with newlines as JSON has them, or cut off at the end of a log.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END)[\s\S])*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // Enrolment tokens.
  /\bhfe\d+\.[\w-]{16,}/g,
  // JSON Web Tokens, which NATS credentials are as well; without the signature, too.
  /\bey[\w-]{8,}\.ey[\w-]{8,}(?:\.[\w-]*)?/g,
  // Seeds and private keys of NATS (nkeys): base32 of a prefix, 32 bytes and a checksum.
  /\b(?:S[ACNOUX][A-Z2-7]{56}|P[A-Z2-7]{55,})\b/g,
  // Headers and cookies of HTTP.
  /\b((?:bearer|basic) +)(?!<)[\w.~+/=-]{6,}/gi,
  /\b((?:__Host-)?holdfast[\w-]*=)[^\s;,"'\\]{16,}/g,
  // Hashes of passwords, which can be guessed at.
  /\$(?:argon2(?:id|i|d)|2[aby]|scrypt)\$[\w$=,./+-]*[\w/+]/g,
  // Addresses with a password.
  /(\b[a-z][\w.+-]{0,20}:\/\/)[^\s/?#"'@]+:[^\s/?#"'@]+(?=@)/gi,
  // Fields and parameters whose name says it: with quotes around the value, and without.
  /\b(\w*(?:passw(?:or)?d|passphrase|secret|token|api_?key)(?:\\?["'])?\s*[:=]\s*(\\?["']))(?!<)(?:(?!\2)(?:\\.|.))+/gi,
  /\b(\w*(?:passw(?:or)?d|passphrase|secret|token|api_?key)(?:\\?["'])?\s*[:=]\s*)(?![<\\"']|null\b|true\b|false\b|\d+\b)[^\s"'\\,;&}]{4,}/gi,
];

/**
 * Text in which no secret is left, as it is or as base64 or JSON would have it, nor anything that
 * looks like one: what a log line holds may come from elsewhere, or be a key of yesterday.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
      encodeURIComponent(secret),
    ];
    for (const form of forms) clean = clean.replaceAll(form, redacted);
  }
  for (const shape of secretShapes) {
    clean = clean.replace(shape, (_, kept?: unknown) =>
      typeof kept === 'string' ? kept + redacted : redacted,
    );
  }
  return clean;
}

function isFileName(name: string): boolean {
  return /(?:File|Dir|Folder|Path)s?$/.test(name);
}

function contentOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    return bytes.length > largestFileBytes ? '' : bytes.toString('utf8');
  } catch {
    // Without the file there is nothing of it that could get out.
    return '';
  }
}

function redactAddress(text: string): string {
  if (!/^[a-z][\w.+-]*:\/\//i.test(text) || !URL.canParse(text)) return text;
  const address = new URL(text);
  if (address.username === '' && address.password === '' && address.search === '') return text;
  address.username = address.password = '';
  if (address.search !== '') address.search = '?redacted';
  return address.href;
}
