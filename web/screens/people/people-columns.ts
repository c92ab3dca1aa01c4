import { html, type TemplateResult } from 'lit';
import { countOf } from '../../format/numbers.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { status } from '../../ui/status.ts';
import { limitWords, personWords, roleWords, takenWords, type PersonLine } from './people-model.ts';

const narrow = 560;

export function personColumns(nowMs: number): readonly GridColumn<PersonLine>[] {
  const state = (line: PersonLine) => said(personWords(line, nowMs));
  const both = (line: PersonLine) =>
    html`<span class="two">${state(line)}${said(takenWords(line))}</span>`;
  return [
    column('person', 'Person', '170px', 0, withPlace, { below: narrow }),
    column('person', 'Person', '160px', narrow, nameCell, { grow: 2 }),
    column(
      'role',
      'Role',
      '104px',
      narrow,
      ({ role }) => html`<span title=${roleWords[role]}>${role}</span>`,
    ),
    column('sites', 'Sites', '130px', narrow, sitesCell, { grow: 2 }),
    column('zones', 'Zones', '110px', 980, zonesCell),
    column('limits', 'Adjusts', '190px', 820, limitsCell, {
      hover: 'Units that they may adjust at a time, and in all while a lease lasts',
    }),
    column(
      'offline',
      'Without hub',
      '96px',
      1080,
      ({ offlineDays }) => countOf(offlineDays, 'day'),
      {
        grow: 0,
        hover: 'So long a gateway that does not hear of the hub lets them in',
      },
    ),
    column('state', 'State', '178px', 0, both, { below: 700 }),
    column('state', 'State', '138px', 700, state),
    column('taken', 'At the gateways', '160px', 700, (line) => said(takenWords(line)), {
      hover: 'Whether the gateways of their sites have the newest list',
    }),
  ];
}

function said({ hover, tone, words }: ReturnType<typeof personWords>): TemplateResult {
  return status(tone, words, hover);
}

function nameCell({ name, username }: PersonLine): TemplateResult {
  return html`<span class="two"
    ><span class="strong">${name}</span><span class="sub">${username}</span></span
  >`;
}

function withPlace({ name, role, sites, username }: PersonLine): TemplateResult {
  return html`<span class="two"
    ><span class="strong">${name}</span><span class="sub">${username} · ${role}</span
    ><span class="sub">${sites.join(', ') || 'at no site'}</span></span
  >`;
}

function sitesCell({ sites }: PersonLine): TemplateResult {
  return sites.length === 0
    ? html`<span class="muted">none</span>`
    : html`<span title=${sites.join(', ')}>${sites.join(', ')}</span>`;
}

function zonesCell({ zones }: PersonLine): TemplateResult {
  return zones === null
    ? html`<span class="muted">all</span>`
    : html`<span title=${zones.join(', ')}>${zones.join(', ')}</span>`;
}

function limitsCell(line: PersonLine): TemplateResult {
  const words = limitWords(line);
  return line.role === 'supervisor' ? html`${words}` : html`<span class="muted">${words}</span>`;
}
