#!/bin/sh
# Run by dpkg after the files are there. What stands in braces is electron-builder's to fill in.
set -e
app='/opt/${sanitizedProductName}'

ln -sf "$app/resources/allotment" '/usr/bin/${executable}'

# Chromium's sandbox is made of user namespaces; only where people may make none must its helper be root's. Root may
# always, so it is somebody else who tries.
if [ -f "$app/chrome-sandbox" ]; then
  if setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user true 2>/dev/null; then
    chmod 0755 "$app/chrome-sandbox"
  else
    chmod 4755 "$app/chrome-sandbox"
  fi
fi

# Ubuntu gives user namespaces to programs with a profile only; older AppArmors don't know this one's language.
profile="$app/resources/apparmor-profile"
if [ -f "$profile" ] && command -v apparmor_parser >/dev/null; then
  if apparmor_parser --skip-kernel-load --debug "$profile" >/dev/null 2>&1; then
    cp -f "$profile" '/etc/apparmor.d/${executable}'
    apparmor_parser --replace --write-cache --skip-read-cache '/etc/apparmor.d/${executable}' || true
  fi
fi

if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t /usr/share/icons/hicolor || true; fi
