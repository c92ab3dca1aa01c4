import { readFileSync } from 'node:fs';

const folder = new URL('../../docs/', import.meta.url);

/**
 * The code block of a page of `docs/` that holds some text, without its indentation: what people
 * are told to type is what the tests run.
 */
export function docsBlock(page: string, holds: string): string {
  const text = readFileSync(new URL(page, folder), 'utf8');
  const blocks = Array.from(text.matchAll(/^( *)```\w*\n([\s\S]*?)^ *```$/gm), (match) => {
    const [, indent = '', body = ''] = match;
    return body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
  });
  const found = blocks.filter((block) => block.includes(holds));
  const [block] = found;
  if (block === undefined || found.length > 1) {
    throw new Error(`${found.length} code blocks of ${page} hold ${JSON.stringify(holds)}`);
  }
  return block;
}
