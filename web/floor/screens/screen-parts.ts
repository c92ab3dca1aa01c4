import type { FloorSession } from '#contracts/api/floor-api.ts';
import { html, type TemplateResult } from 'lit';
import type { FloorParts } from '../floor-parts.ts';
import type { FloorScreenName } from '../floor-paths.ts';

interface ScreenPart {
  readonly title: string;
  /** Its code, loaded when it is first shown. */
  readonly load: () => Promise<unknown>;
  readonly draw: (parts: FloorParts, session: FloorSession) => TemplateResult;
}

/** Every screen of the floor: its name in the top bar, its code, its element. */
export const screenParts: Readonly<Record<FloorScreenName, ScreenPart>> = {
  home: {
    title: 'Floor',
    load: () => import('./home-screen.ts'),
    draw: (parts, session) => html`<home-screen .parts=${parts} .session=${session}></home-screen>`,
  },
  receive: {
    title: 'Receive',
    load: () => import('./receive-screen.ts'),
    draw: (parts, session) =>
      html`<receive-screen .parts=${parts} .session=${session}></receive-screen>`,
  },
  ship: {
    title: 'Ship',
    load: () => import('./ship-screen.ts'),
    draw: (parts, session) => html`<ship-screen .parts=${parts} .session=${session}></ship-screen>`,
  },
  move: {
    title: 'Move',
    load: () => import('./move-screen.ts'),
    draw: (parts, session) => html`<move-screen .parts=${parts} .session=${session}></move-screen>`,
  },
  count: {
    title: 'Count',
    load: () => import('./count-screen.ts'),
    draw: (parts, session) =>
      html`<count-screen .parts=${parts} .session=${session}></count-screen>`,
  },
  sweep: {
    title: 'RFID sweep',
    load: () => import('./sweep-screen.ts'),
    draw: (parts, session) =>
      html`<sweep-screen .parts=${parts} .session=${session}></sweep-screen>`,
  },
  hold: {
    title: 'Hold / release',
    load: () => import('./hold-screen.ts'),
    draw: (parts, session) => html`<hold-screen .parts=${parts} .session=${session}></hold-screen>`,
  },
  adjust: {
    title: 'Adjust',
    load: () => import('./adjust-screen.ts'),
    draw: (parts, session) =>
      html`<adjust-screen .parts=${parts} .session=${session}></adjust-screen>`,
  },
  pack: {
    title: 'Pack / unpack',
    load: () => import('./pack-screen.ts'),
    draw: (parts, session) => html`<pack-screen .parts=${parts} .session=${session}></pack-screen>`,
  },
  find: {
    title: 'Find',
    load: () => import('./find-screen.ts'),
    draw: (parts, session) => html`<find-screen .parts=${parts} .session=${session}></find-screen>`,
  },
  check: {
    title: 'Check a unit',
    load: () => import('./check-screen.ts'),
    draw: (parts, session) =>
      html`<check-screen .parts=${parts} .session=${session}></check-screen>`,
  },
  tasks: {
    title: 'Tasks',
    load: () => import('./tasks-screen.ts'),
    draw: (parts, session) =>
      html`<tasks-screen .parts=${parts} .session=${session}></tasks-screen>`,
  },
  transfers: {
    title: 'On the way',
    load: () => import('./transfers-screen.ts'),
    draw: (parts, session) =>
      html`<transfers-screen .parts=${parts} .session=${session}></transfers-screen>`,
  },
  devices: {
    title: 'Devices',
    load: () => import('./devices-screen.ts'),
    draw: (parts, session) =>
      html`<devices-screen .parts=${parts} .session=${session}></devices-screen>`,
  },
  flow: {
    title: 'Live flow',
    load: () => import('./flow-screen.ts'),
    draw: (parts, session) => html`<flow-screen .parts=${parts} .session=${session}></flow-screen>`,
  },
  person: {
    title: 'You',
    load: () => import('./person-screen.ts'),
    draw: (parts, session) =>
      html`<person-screen .parts=${parts} .session=${session}></person-screen>`,
  },
};
