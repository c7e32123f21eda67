/** The windows there are. A file of its own because `app` asks for them and they tell `app`. */
type OpenWindow = {
  readonly close: () => void;
  readonly isVisible: () => boolean;
  readonly isFocused: () => boolean;
};

const list = new Set<OpenWindow>();

export function openWindows(): readonly OpenWindow[] {
  return [...list];
}

export function addWindow(window: OpenWindow): void {
  list.add(window);
}

export function removeWindow(window: OpenWindow): void {
  list.delete(window);
}
