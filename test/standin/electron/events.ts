/** The event objects that main may refuse with `preventDefault`. */
export type Cancellable = { defaultPrevented: boolean; preventDefault: () => void };

export function cancellable<T extends object>(details: T): T & Cancellable {
  const event = {
    ...details,
    defaultPrevented: false,
    preventDefault: () => {
      event.defaultPrevented = true;
    },
  };
  return event;
}
