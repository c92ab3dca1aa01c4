import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { SitePeopleData } from '../../data/site-people-data.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { status, statusStyles } from '../../ui/status.ts';
import '../../ui/x-drawer.ts';
import '../../ui/x-notice.ts';
import { gatewaysOf, limitWords, personWords, roleWords } from './people-model.ts';
import './person-form.ts';
import './person-revocation.ts';

/** Somebody, or who is to be added: what they may do, who knows it, and its change. Tells `close`. */
export class PersonDrawer extends LitElement {
  static override styles = [
    hostStyles,
    statusStyles,
    css`
      :host {
        display: flex;
        min-height: 0;
      }

      .body {
        display: flex;
        flex-direction: column;
        gap: var(--space-4);
      }

      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
      }

      h3 {
        margin-bottom: var(--space-2);
        font-size: var(--text-m);
        font-weight: 600;
      }

      li {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
        min-height: 24px;
      }
    `,
  ];
  static override properties = {
    data: { attribute: false },
    page: { attribute: false },
    fleet: { attribute: false },
    person: { attribute: false },
    isNew: { type: Boolean },
    mayManage: { type: Boolean },
    nowMs: { type: Number },
    _saved: { state: true },
  };
  declare data: SitePeopleData;
  declare page: SitePeoplePage;
  declare fleet: Fleet | undefined;
  /** Undefined: somebody new, or nobody who is known. */
  declare person: SitePersonRow | undefined;
  declare isNew: boolean;
  declare mayManage: boolean;
  declare nowMs: number;
  /** Whom the last change was of. */
  declare _saved: string;

  constructor() {
    super();
    this.fleet = undefined;
    this.person = undefined;
    this.isNew = false;
    this.mayManage = false;
    this.nowMs = 0;
    this._saved = '';
  }

  override render() {
    const heading = this.isNew ? 'Add a person' : (this.person?.name ?? 'Nobody');
    return html`<x-drawer heading=${heading} @close=${() => this.#tell('close')}>
      ${
        this.person === undefined
          ? nothing
          : html`<div slot="subtitle" class="muted">
              ${this.person.username} · <span class="mono">${this.person.id}</span>
            </div>`
      }
      <div class="body">${this.isNew ? this.#form() : this.#known()}</div>
    </x-drawer>`;
  }

  #known(): TemplateResult {
    const { person } = this;
    if (person === undefined) {
      return html`<x-notice
        heading="Nobody has this id"
        advice="The link may be old or mistyped."
      ></x-notice>`;
    }
    const { hover, tone, words } = personWords(person, this.nowMs);
    return html`<div>
        <p class="line">
          ${status(tone, words, hover)}<b>${person.role}</b>
          <span class="muted">${roleWords[person.role]}</span>
        </p>
        <p class="muted">${hover}.</p>
        ${
          person.role === 'supervisor'
            ? html`<p class="muted">Adjusts ${limitWords(person)}.</p>`
            : nothing
        }
        ${
          this._saved === person.id
            ? html`<p role="status">Saved; the gateways below take it as they hear of the hub.</p>`
            : nothing
        }
      </div>
      ${this.#gateways(person)}
      ${
        this.mayManage
          ? html`<section>
                <h3>${person.revokedAt === null ? 'Change' : 'Let in again'}</h3>
                ${this.#form()}
              </section>
              ${person.revokedAt === null ? this.#revocation(person) : nothing}`
          : nothing
      }`;
  }

  #gateways(person: SitePersonRow): TemplateResult {
    const gateways = gatewaysOf(person, this.page.waiting, this.fleet);
    return html`<section>
      <h3>At the gateways</h3>
      ${
        gateways.length === 0
          ? html`<p class="muted">No gateway is known at their sites.</p>`
          : html`<ul>
              ${gateways.map(
                ({ gateway, site, waits }) =>
                  html`<li>
                    <b>${gateway}</b> <span class="muted">${site}</span>
                    ${waits ? status('draining', 'waits for the newest list') : status('ok', 'has the newest list')}
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  #form(): TemplateResult {
    const sites = [...new Set((this.fleet?.gateways ?? []).map(({ site }) => site))];
    const form = html`<person-form
      .data=${this.data}
      .person=${this.person}
      .sites=${sites}
      .zones=${this.page.zones}
      @saved=${(event: CustomEvent<SitePersonRow>) => {
        this._saved = event.detail.id;
        this.#tell('saved', event.detail);
      }}
    ></person-form>`;
    return html`${keyed(this.person?.id ?? '', form)}`;
  }

  #revocation(person: SitePersonRow): TemplateResult {
    const part = html`<person-revocation
      .data=${this.data}
      .person=${person}
      .nowMs=${this.nowMs}
    ></person-revocation>`;
    return html`<section>
      <h3>End</h3>
      ${keyed(person.id, part)}
    </section>`;
  }

  #tell(type: 'close' | 'saved', detail?: SitePersonRow): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
customElements.define('person-drawer', PersonDrawer);
