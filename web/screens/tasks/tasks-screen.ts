import { css, html, LitElement, type TemplateResult } from 'lit';
import type { TasksPage } from '#contracts/api/tasks-api.ts';
import type { ConsoleParts } from '../../console-parts.ts';
import { failedCard, staleBanner } from '../../shell/problem-notices.ts';
import { sourceOf, type GridSource } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { taskColumns } from './tasks-columns.ts';
import { replacedWords, taskLines, tasksWords, type TaskLine } from './tasks-model.ts';

/** More than these scroll inside their grid. */
const shortList = 30;

/** What sites have to do: zones to be counted, questions, acts to be reviewed. */
export class TasksScreen extends LitElement {
  static override styles = [
    hostStyles,
    screenStyles,
    statusStyles,
    css`
      x-grid:not([short]) {
        height: 620px;
      }
    `,
  ];
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts;
  readonly #now = new NowController(this, () => this.parts, 10_000);
  #unsubscribe: (() => void)[] = [];
  #drawn: TasksPage | undefined;
  #source: GridSource<TaskLine> = sourceOf<TaskLine>([]);

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    this.#unsubscribe = [this.parts.tasks.subscribe(again), this.parts.fleet.subscribe(again)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
  }

  override willUpdate(): void {
    const { loaded } = this.parts.tasks;
    if (loaded.state !== 'ready' || this.#drawn === loaded.value) return;
    this.#drawn = loaded.value;
    this.#source = sourceOf(taskLines(loaded.value));
  }

  override render() {
    const { loaded } = this.parts.tasks;
    return html`<div class="head">
        <h1>Tasks</h1>
        <span class="muted subtitle"
          >${loaded.state === 'ready' ? tasksWords(loaded.value) : ''}</span
        >
      </div>
      ${this.#replaced()}
      ${
        loaded.state === 'loading'
          ? html`<x-skeleton rows="8" label="Loading tasks"></x-skeleton>`
          : loaded.state === 'failed'
            ? failedCard(loaded.problem, this.#again)
            : html`${staleBanner(loaded.problem, 'The tasks', this.#again)}
              ${this.#table(loaded.value)}`
      }`;
  }

  readonly #again = (): void => this.parts.tasks.reload();

  #replaced(): readonly TemplateResult[] {
    const { loaded } = this.parts.fleet;
    const fleet = loaded.state === 'ready' ? loaded.value : undefined;
    return replacedWords(fleet, this.#now.ms).map(
      ({ advice, heading }) =>
        html`<x-notice kind="banner" tone="warn" heading=${heading} advice=${advice}></x-notice>`,
    );
  }

  #table({ tasks }: TasksPage): TemplateResult {
    if (tasks.length === 0) {
      return html`<div class="card">
        <x-notice
          heading="No open task"
          advice="What a site has to look into stands here until somebody worked it off at its floor page."
        ></x-notice>
      </div>`;
    }
    return html`<x-grid
      ?short=${tasks.length <= shortList}
      label="Open tasks of all sites, the oldest first"
      .columns=${taskColumns(this.#now.ms)}
      .source=${this.#source}
    ></x-grid>`;
  }
}
customElements.define('tasks-screen', TasksScreen);
