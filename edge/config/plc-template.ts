import type { OpcUaConfig, OpcUaTagConfig, PlcLine, PlcTemplate } from './opcua-config.ts';

const placeholder = /\{([A-Za-z][A-Za-z0-9_-]*)\}/g;

/** All tags of a PLC: its own, and those of its lines. The config was checked before. */
export function tagsOfPlc(
  { lines = [], tags = [] }: Pick<OpcUaConfig, 'lines' | 'tags'>,
  templates: readonly PlcTemplate[] = [],
): OpcUaTagConfig[] {
  const byId = new Map(templates.map((template) => [template.id, template]));
  const ofLines = lines.flatMap((line) => {
    const template = byId.get(line.template);
    return template === undefined ? [] : tagsOfLine(line, template);
  });
  return [...tags, ...ofLines];
}

/** The tags of a template with a line's values in place. */
function tagsOfLine(line: PlcLine, template: PlcTemplate): OpcUaTagConfig[] {
  const values = valuesOf(line);
  const fill = (text: string): string =>
    text.replaceAll(placeholder, (whole, key: string) => values.get(key) ?? whole);
  return template.tags.map((tag) => ({
    ...tag,
    name: `${line.name}-${tag.name}`,
    node: fill(tag.node),
    ...(tag.text === undefined ? {} : { text: fill(tag.text) }),
  }));
}

/** What a line gives for placeholders. */
export function valuesOf(line: Pick<PlcLine, 'name' | 'with'>): ReadonlyMap<string, string> {
  const given = Object.entries(line.with ?? {}).map(
    ([key, value]) => [key, String(value)] as const,
  );
  return new Map([['name', line.name], ...given]);
}

/** The placeholders that a template's texts hold, each once. */
export function placeholdersOf(template: {
  readonly tags: readonly { readonly node: string; readonly text?: string }[];
}): ReadonlySet<string> {
  const texts = template.tags.flatMap(({ node, text = '' }) => [node, text]);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(placeholder)].map(([, key = '']) => key)),
  );
}
