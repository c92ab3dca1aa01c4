/** Which theme a person chose. System follows the device. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'holdfast-theme';

/** Storage may be closed to us (private windows); then the choice lasts as long as the page. */
export function storedTheme(storage: Pick<Storage, 'getItem'>): ThemeChoice {
  try {
    const found = storage.getItem(key);
    return found === 'light' || found === 'dark' ? found : 'system';
  } catch {
    return 'system';
  }
}

export function storeTheme(storage: Pick<Storage, 'setItem'>, choice: ThemeChoice): void {
  try {
    storage.setItem(key, choice);
  } catch {
    return;
  }
}

export function applyTheme(root: HTMLElement, choice: ThemeChoice): void {
  if (choice === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = choice;
}

export function nextTheme(choice: ThemeChoice): ThemeChoice {
  return choice === 'system' ? 'light' : choice === 'light' ? 'dark' : 'system';
}
