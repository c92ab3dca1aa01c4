import { LineCounter, isMap, isScalar, parseDocument, visit, type Document, type Pair } from 'yaml';
import { siteSections } from '#contracts/config-sections.ts';
import { succeed, refuse, messageOf, type Result } from '#contracts/fault.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { orderedJson } from '../live/config-hash.ts';

/**
 * The gateway's file with the sections of a pushed text in the place of its own. A section that the
 * text leaves out stays, so that one text can serve many gateways; one of the gateway's own may
 * stand in it as it is.
 *
 * @returns refusal CONFIG_INVALID with `details.faults`, lines counted in the pushed text.
 */
export function composeConfig(own: string, pushed: string): Result<string> {
  const lines = new LineCounter();
  const document = parseDocument(pushed, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map((error): ConfigFault => {
    const { line, col: column } = lines.linePos(error.pos[0]);
    return { path: '', line, column, value: undefined, message: error.message, remedy: 'Mend it.' };
  });
  if (faults.length > 0) return invalid(faults);
  const target = parseDocument(own);
  if (!isMap(document.contents) || !isMap(target.contents)) {
    return invalid([fault('', 'is no configuration', 'Write sections: `zones:`, `devices:`, …')]);
  }
  const values = valuesOf(document);
  if (!values.ok) return values;
  const ownValues = target.toJS() as Record<string, unknown>;
  for (const pair of document.contents.items) {
    const key = keyOf(pair);
    if (siteSections.has(key)) {
      target.set(key, withoutAliases(document, pair, values.value[key]));
    } else if (orderedJson([values.value[key]]) !== orderedJson([ownValues[key]])) {
      const { line, col: column } = lines.linePos(startOf(pair));
      faults.push({ ...foreign(key), line, column });
    }
  }
  return faults.length > 0 ? invalid(faults) : succeed(target.toString({ lineWidth: 0 }));
}

function foreign(key: string): ConfigFault {
  return fault(
    `/${key}`,
    'belongs to the gateway itself, where it is another one',
    'Leave it out; it is changed in the file of the gateway.',
  );
}

function fault(path: string, message: string, remedy: string): ConfigFault {
  return { path, value: undefined, message, remedy };
}

function invalid(faults: readonly ConfigFault[]) {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return refuse('CONFIG_INVALID', `what was pushed has ${count}`, { faults });
}

/** A few lines of nested aliases can unfold into gigabytes. */
function valuesOf(document: Document): Result<Record<string, unknown>> {
  try {
    return succeed(document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>);
  } catch (error) {
    return invalid([fault('', messageOf(error), 'Write out what the aliases stand for.')]);
  }
}

/** As it was written, comments and all; an alias may stand for what is not moved with it. */
function withoutAliases(document: Document, pair: Pair, value: unknown): unknown {
  let aliases = false;
  visit(document, {
    Alias() {
      aliases = true;
      return visit.BREAK;
    },
  });
  return aliases ? document.createNode(value) : pair.value;
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf({ key }: Pair): number {
  return isScalar(key) ? (key.range?.[0] ?? 0) : 0;
}
