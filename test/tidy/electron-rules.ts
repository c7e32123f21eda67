/**
 * What Doyensec's electronegativity looks for, as rules over our own sources: it can't follow a preference that comes
 * from a function, and so says of `window.ts` what isn't so. Each rule has a line that it must catch.
 */
export type Rule = {
  readonly id: string;
  readonly forbids: RegExp;
  /** Files that may, and why it is right there. */
  readonly but?: Readonly<Record<string, string>>;
  readonly catches: string;
};

const SECURITY = 'electron/main/security.ts';

export const RULES: readonly Rule[] = [
  {
    id: 'NODE_INTEGRATION, CONTEXT_ISOLATION, SANDBOX, WEB_SECURITY, INSECURE_CONTENT, PRELOAD',
    forbids:
      /\b(nodeIntegration\w*|contextIsolation|sandbox|webSecurity|allowRunningInsecureContent|webviewTag)\s*:/,
    but: { [SECURITY]: 'the one place; each value is compared in test/main/security.test.ts' },
    catches: 'new BrowserWindow({ webPreferences: { contextIsolation: false } })',
  },
  {
    id: 'EXPERIMENTAL_FEATURES, BLINK_FEATURES, AFFINITY',
    forbids: /\b(experimentalFeatures|enableBlinkFeatures|disableBlinkFeatures|affinity)\b/,
    catches: "enableBlinkFeatures: 'ExecCommandInJavaScript'",
  },
  {
    id: 'REMOTE_MODULE',
    forbids: /@electron\/remote|enableRemoteModule|\bremote\.require\b/,
    catches: "import { app } from '@electron/remote';",
  },
  {
    id: 'CUSTOM_ARGUMENTS',
    forbids: /\.(appendSwitch|appendArgument)\(/,
    catches: "app.commandLine.appendSwitch('disable-web-security');",
  },
  {
    id: 'CERTIFICATE_ERROR_EVENT, CERTIFICATE_VERIFY_PROC',
    forbids:
      /certificate-error|select-client-certificate|setCertificateVerifyProc|NODE_TLS_REJECT_UNAUTHORIZED/,
    catches: "app.on('certificate-error', (event) => event.preventDefault());",
  },
  {
    id: 'OPEN_EXTERNAL, OPEN_PATH, SHOWITEMINFOLDER',
    forbids: /\b(openExternal|openPath|showItemInFolder|moveItemToTrash|trashItem)\(/,
    catches: 'shell.openExternal(url);',
  },
  {
    id: 'DANGEROUS_FUNCTIONS',
    forbids:
      /\beval\(|new Function\(|\b(executeJavaScript|insertCSS|insertText)\w*\(|document\.write\(/,
    catches: 'contents.executeJavaScript(text);',
  },
  {
    id: 'markup made of text',
    forbids: /dangerouslySetInnerHTML|\.(inner|outer)HTML\s*=|insertAdjacentHTML\(|srcdoc/,
    catches: '<p dangerouslySetInnerHTML={{ __html: name }} />',
  },
  {
    id: 'HTTP_RESOURCES, ALLOWPOPUPS, AUXCLICK: no frame, no webview, nothing of the web',
    forbids: /<(webview|iframe|object|embed)\b|\ballowpopups\b|(href|src|action)=["'{`]+\s*https?:/,
    catches: '<iframe src="http://example.org" />',
  },
  {
    id: 'LIMIT_NAVIGATION, CSP: only the window of ours is opened, and only with our own page',
    forbids: /new (BrowserWindow|BrowserView|WebContentsView|BaseWindow)\(|\.load(URL|File)\(/,
    but: {
      'electron/main/window.ts':
        'guarded as all contents are; test/e2e/window.test.ts tries each way out',
    },
    catches: "new BrowserWindow({}).loadURL('https://example.org');",
  },
  {
    id: 'PROTOCOL_HANDLER',
    forbids:
      /setAsDefaultProtocolClient|registerSchemesAsPrivileged|protocol\.(handle|register\w+|intercept\w+)\(/,
    but: {
      'electron/main/main.ts': 'app:// alone, with the privileges of security.ts',
      'electron/main/shell.ts':
        'app:// alone, which serves files of the app (test/main/app-protocol.test.ts)',
    },
    catches: "app.setAsDefaultProtocolClient('allotment');",
  },
  {
    id: 'PERMISSION_REQUEST_HANDLER: nobody says yes',
    forbids:
      /set(PermissionRequest|PermissionCheck|DevicePermission|DisplayMediaRequest|BluetoothPairing)Handler\(/,
    but: { [SECURITY]: 'every one of them says no' },
    catches: 'session.setPermissionRequestHandler((_c, _p, answer) => answer(true));',
  },
  {
    id: 'SECURITY_WARNINGS_DISABLED',
    forbids: /ELECTRON_(DISABLE_SECURITY_WARNINGS|ENABLE_SECURITY_WARNINGS|RUN_AS_NODE)/,
    catches: "process.env['ELECTRON_DISABLE_SECURITY_WARNINGS'] = 'true';",
  },
  {
    id: 'IPC: nothing of Electron is handed to the page, and nothing answers at once',
    forbids: /\bipcRenderer\b|contextBridge|sendSync\(|\.postMessage\(.*'\*'/,
    but: {
      'electron/preload/preload.ts':
        'four functions; test/e2e/ipc.test.ts looks what the page gets',
    },
    catches: "contextBridge.exposeInMainWorld('ipc', ipcRenderer);",
  },
  {
    id: 'programs that are started: by a fixed name and a list of words, never by a shell',
    forbids: /(?<!\.)\b(exec|execSync|spawn|spawnSync|fork)\(|shell:\s*true/,
    catches: 'exec(`open ${path}`);',
  },
];
