import { expect, test } from 'vitest';
import { ownSections, siteSections } from '#contracts/config-sections.ts';
import { schemaParts } from '#contracts/schema-words.ts';
import { gatewayConfig } from './gateway-config.ts';

test('the hub knows every section of a config, and what stands under it', () => {
  const { properties } = schemaParts(gatewayConfig);
  const known = [...siteSections.keys(), ...ownSections];
  expect(known.toSorted()).toEqual(properties.map(([key]) => key).toSorted());
  for (const [key, { form, key: named }] of siteSections) {
    const section = properties.find(([name]) => name === key)?.[1];
    expect(section?.type, key).toBe(form === 'list' ? 'array' : 'object');
    const required = section?.items?.required;
    if (named !== undefined) expect([...(required ?? [])], key).toContain(named);
  }
});
