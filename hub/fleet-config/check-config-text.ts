import { LineCounter, isMap, parseDocument } from 'yaml';
import { maxConfigBytes } from '#contracts/api/config-api.ts';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import { placeOf } from './place-of.ts';
import { sectionFaults } from './section-faults.ts';

/**
 * Looks a configuration through as far as the hub can: it is YAML, and has sections of known names
 * and forms. What a gateway can do with it, that gateway judges.
 *
 * @returns refusal CONFIG_INVALID with `details.faults`.
 */
export function checkConfigText(text: string): Result<void> {
  if (Buffer.byteLength(text) > maxConfigBytes) {
    return refuse('BODY_TOO_LARGE', `a configuration has at most ${maxConfigBytes} bytes`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: unknown[] = document.errors.map((error) => {
    const { line, col: column } = lines.linePos(error.pos[0]);
    return { path: '', line, column, message: error.message, remedy: 'Correct the YAML.' };
  });
  if (faults.length === 0) {
    const remedy = 'Write sections, as in the file of a gateway: `zones:`, `devices:`, …';
    if (!isMap(document.contents) || document.contents.items.length === 0) {
      faults.push({ path: '', line: 1, column: 1, message: 'has no sections', remedy });
    } else {
      try {
        const value = document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
        for (const { keys, ...fault } of sectionFaults(value)) {
          const path = keys.map((key) => `/${key}`).join('');
          faults.push({ path, ...placeOf(document, keys, lines), ...fault });
        }
      } catch (error) {
        faults.push({ path: '', message: messageOf(error), remedy: 'Write the aliases out.' });
      }
    }
  }
  if (faults.length === 0) return succeed(undefined);
  const [first] = faults as { message: string; line?: number }[];
  const where = first?.line === undefined ? '' : ` (line ${first.line})`;
  return refuse('CONFIG_INVALID', `the text is no configuration: ${first?.message}${where}`, {
    faults,
  });
}
