"""What an administrator does: one file per noun. Pages, the REST API and the command line all call these.

Every action takes `by`, the portal's user (None: the command line or the service itself), writes its AuditEntry in the
same transaction, and enqueues what follows once that has been committed. What cannot be done raises ActionRefused,
whose sentences are shown wherever the action was asked for.

    tenants       connect, update, disconnect
    applications  add, rename, delete
    credentials   save, draft, request_test, choose_account, authorize
    assignments   assign, change_role, remove
    roles         what a role gives
    mappings      propose, read_and_propose, save_proposed, save, restore_defaults, set_actions
    jobs          turn_on, turn_off, stop, restart, request_cycle, allow_removals, reject_removals, retry_failed,
                  provision_on_demand
    settings      scope, interval, notification, deletion threshold
    erasure       erase
    installation  update: mail server, language, time zone, address, retention
    encryption    all stored secrets under the newest key
    restoring     after_restore: nothing of an old plan is sent
    questions     what is asked of the tenant while somebody waits
"""
