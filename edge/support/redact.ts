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

/** Text in which no secret is left, as it is or as base64 or JSON would have it. */
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
