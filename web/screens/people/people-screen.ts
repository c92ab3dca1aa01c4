import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import type { ApiProblem } from '../../data/api-problem.ts';
import { mayDo } from '../../data/session-data.ts';
import { peoplePath, readPeopleView, type PeopleView } from '../../paths.ts';
import { failedCard, staleBanner } from '../../shell/problem-notices.ts';
import { besideStyles } from '../../ui/beside-styles.ts';
import { sourceOf, type GridSource } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-select.ts';
import '../../ui/x-skeleton.ts';
import { personColumns } from './people-columns.ts';
import { peopleWords, personLines, waitingWords, type PersonLine } from './people-model.ts';
import './person-drawer.ts';

/** Who is not there yet, in the URL. */
const newPerson = 'new';

/** Who may sign in at the floor pages of which sites, what they may do, and who has taken it. */
export class PeopleScreen extends LitElement {
  static override styles = [
    hostStyles,
    screenStyles,
    statusStyles,
    besideStyles,
    css`
      .tools {
        align-items: center;
      }

      x-select {
        width: 168px;
      }
    `,
  ];
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts;
  readonly #now = new NowController(this, () => this.parts, 2000);
  #unsubscribe: (() => void)[] = [];
  #drawn: { page: SitePeoplePage; site: string | undefined } | undefined;
  #lines: readonly PersonLine[] = [];
  #source: GridSource<PersonLine> = sourceOf<PersonLine>([]);

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    const { fleet, people, router } = this.parts;
    this.#unsubscribe = [
      router.changed.add(again),
      people.list.subscribe(again),
      fleet.subscribe(again),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
  }

  override willUpdate(): void {
    const { loaded } = this.parts.people.list;
    const { site } = this.#view;
    if (loaded.state !== 'ready') return;
    if (this.#drawn?.page === loaded.value && this.#drawn.site === site) return;
    this.#drawn = { page: loaded.value, site };
    this.#lines = personLines(loaded.value, site);
    this.#source = sourceOf(this.#lines);
  }

  override render() {
    const { loaded } = this.parts.people.list;
    const view = this.#view;
    if (loaded.state !== 'ready') {
      return html`${this.#head(view, false)}
      ${
        loaded.state === 'loading'
          ? html`<x-skeleton rows="12" label="Loading people"></x-skeleton>`
          : failedCard(loaded.problem, this.#again)
      }`;
    }
    return html`${this.#head(view, true)} ${this.#notices(view, loaded.value, loaded.problem)}
      <div class="body">${this.#list(view)} ${this.#drawer(view, loaded.value)}</div>`;
  }

  get #view(): PeopleView {
    return readPeopleView(this.parts.router.params);
  }

  get #mayManage(): boolean {
    return mayDo(this.parts.session.current, 'site-person.manage');
  }

  #head(view: PeopleView, isReady: boolean): TemplateResult {
    const { loaded } = this.parts.fleet;
    const known = loaded.state === 'ready' ? loaded.value.gateways.map(({ site }) => site) : [];
    const sites = [...new Set([...known, ...(view.site === undefined ? [] : [view.site])])].sort();
    const options = [
      { value: '', label: 'all' },
      ...sites.map((site) => ({ value: site, label: site })),
    ];
    return html`<div class="head">
      <h1>People</h1>
      <span class="muted subtitle">${isReady ? peopleWords(this.#lines) : ''}</span>
      <span class="grow"></span>
      <div class="tools">
        <x-select
          label="Site"
          .options=${options}
          .value=${view.site ?? ''}
          @value-change=${(event: CustomEvent<string>) => this.#go({ site: event.detail })}
        ></x-select>
        ${
          this.#mayManage && isReady
            ? html`<x-button kind="primary" @click=${() => this.#go({ person: newPerson })}
                >Add a person…</x-button
              >`
            : nothing
        }
      </div>
    </div>`;
  }

  #notices(view: PeopleView, { waiting }: SitePeoplePage, problem: ApiProblem | undefined) {
    const older = waitingWords(waiting, view.site);
    return html`${staleBanner(problem, 'The people', this.#again)}
    ${
      older === undefined
        ? nothing
        : html`<x-notice
            kind="banner"
            tone="warn"
            heading=${older.heading}
            advice=${older.advice}
          ></x-notice>`
    }`;
  }

  #list(view: PeopleView): TemplateResult {
    if (this.#lines.length === 0) {
      return view.site === undefined
        ? html`<div class="card grid">
            <x-notice
              heading="Nobody yet"
              advice="Whoever is added here can sign in at the floor page of their sites, also while the hub is away."
            ></x-notice>
          </div>`
        : html`<div class="card grid">
            <x-notice heading="Nobody at ${view.site}" advice="Another site may have people.">
              <x-button @click=${() => this.#go({ site: '' })}>Show all sites</x-button>
            </x-notice>
          </div>`;
    }
    return html`<x-grid
      class="grid"
      label="People of the floor pages. Enter opens one."
      .columns=${personColumns(this.#now.ms)}
      .source=${this.#source}
      selected=${view.person ?? ''}
      @row-open=${(event: CustomEvent<{ row: PersonLine }>) =>
        this.#go({ person: event.detail.row.id })}
    ></x-grid>`;
  }

  #drawer(view: PeopleView, page: SitePeoplePage): TemplateResult | typeof nothing {
    const isNew = view.person === newPerson;
    if (view.person === undefined || (isNew && !this.#mayManage)) return nothing;
    const { loaded } = this.parts.fleet;
    return html`<person-drawer
      class="drawer"
      .data=${this.parts.people}
      .page=${page}
      .fleet=${loaded.state === 'ready' ? loaded.value : undefined}
      .person=${page.people.find(({ id }) => id === view.person)}
      .isNew=${isNew}
      .mayManage=${this.#mayManage}
      .nowMs=${this.#now.ms}
      @saved=${(event: CustomEvent<SitePersonRow>) => this.#go({ person: event.detail.id })}
      @close=${() => this.#close()}
    ></person-drawer>`;
  }

  readonly #again = (): void => this.parts.people.list.reload();

  #close(): void {
    this.#go({ person: '' });
    this.renderRoot.querySelector<HTMLElement>('x-grid')?.focus();
  }

  #go(change: PeopleView): void {
    this.parts.router.go(peoplePath({ ...this.#view, ...change }));
  }
}
customElements.define('people-screen', PeopleScreen);
