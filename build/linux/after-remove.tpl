#!/bin/sh
# Run by dpkg after the files are gone; on an upgrade the newer version's own script comes next. What
# Allotment keeps in its users' homes stays.
set -e
case "${1:-}" in
  remove|purge)
    rm -f '/usr/bin/${executable}'
    if [ -f '/etc/apparmor.d/${executable}' ]; then
      if command -v apparmor_parser >/dev/null; then apparmor_parser --remove '/etc/apparmor.d/${executable}' 2>/dev/null || true; fi
      rm -f '/etc/apparmor.d/${executable}'
    fi
    ;;
esac
