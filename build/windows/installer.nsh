; Taken into the installer that electron-builder makes (electron-builder.yml, nsis.include).
; The app asks Windows once to let friends in (electron/main/firewall.ts); whoever uninstalls it takes that back.
; Only if there is such a rule, because Windows asks the person for it; and not on an update, which keeps it.
!define ALLOTMENT_RULE "Allotment"

!macro customUnInstall
  ${ifNot} ${isUpdated}
    nsExec::Exec '"$SYSDIR\netsh.exe" advfirewall firewall show rule name="${ALLOTMENT_RULE}"'
    Pop $0
    ${if} $0 == 0
      ExecShellWait "runas" "$SYSDIR\netsh.exe" 'advfirewall firewall delete rule name="${ALLOTMENT_RULE}" program="$INSTDIR\${APP_EXECUTABLE_FILENAME}"' SW_HIDE
    ${endIf}
    ; So that whoever installs it again is asked again.
    Delete "$APPDATA\Allotment\firewall-asked"
  ${endIf}
!macroend
