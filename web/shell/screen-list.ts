import { html, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../console-parts.ts';
import type { ScreenName } from '../paths.ts';
import type { IconName } from '../ui/icons.ts';

export interface ScreenEntry {
  readonly name: ScreenName;
  readonly title: string;
  readonly group: string;
  readonly icon: IconName;
  /** The letter that, after `g`, goes there. */
  readonly letter: string;
  /** What the hub must let somebody do so that the screen is offered; absent: to everybody. */
  readonly needs?: string;
  readonly load: () => Promise<unknown>;
  readonly draw: (parts: ConsoleParts) => TemplateResult;
}

/** Every screen there is. A new one is a line here and a folder under screens/. */
export const screenList: readonly ScreenEntry[] = [
  {
    name: 'stock',
    title: 'Stock',
    group: '',
    icon: 'stock',
    letter: 's',
    load: () => import('../screens/stock/stock-screen.ts'),
    draw: (parts) => html`<stock-screen class="screen fills" .parts=${parts}></stock-screen>`,
  },
  {
    name: 'fleet',
    title: 'Fleet',
    group: 'Sites',
    icon: 'fleet',
    letter: 'f',
    load: () => import('../screens/fleet/fleet-screen.ts'),
    draw: (parts) => html`<fleet-screen class="screen" .parts=${parts}></fleet-screen>`,
  },
  {
    name: 'outages',
    title: 'Outages',
    group: 'Sites',
    icon: 'outages',
    letter: 'o',
    load: () => import('../screens/outages/outages-screen.ts'),
    draw: (parts) => html`<outages-screen class="screen" .parts=${parts}></outages-screen>`,
  },
  {
    name: 'tasks',
    title: 'Tasks',
    group: 'Sites',
    icon: 'tasks',
    letter: 't',
    load: () => import('../screens/tasks/tasks-screen.ts'),
    draw: (parts) => html`<tasks-screen class="screen" .parts=${parts}></tasks-screen>`,
  },
  {
    name: 'people',
    title: 'People',
    group: 'Sites',
    icon: 'people',
    letter: 'p',
    needs: 'site-person.read',
    load: () => import('../screens/people/people-screen.ts'),
    draw: (parts) => html`<people-screen class="screen fills" .parts=${parts}></people-screen>`,
  },
];
